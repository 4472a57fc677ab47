#pragma once

// The two databases that ODBC is tested with, and what a workspace says to reach them.

#include <string>

#include "support/mariadb_server.h"
#include "support/postgres_server.h"
#include "support/text_settings.h"

namespace penstock::test {

class OdbcDatabases {
 public:
  QString start() { return postgres_.start() + mariadb_.start(); }

  Settings connection(const QString& database, const std::string& password = "penstock") const {
    const bool postgres = database == "postgres";
    return text_settings({{"driver", postgres ? "PostgreSQL Unicode" : "MariaDB Unicode"}, {"server", "127.0.0.1"}, {"port", std::to_string(port(database))},
                          {"database", "shop"}, {"user", "penstock"}, {"password", password}});
  }
  int port(const QString& database) const { return database == "postgres" ? postgres_.port() : mariadb_.port(); }
  // By psql, or MariaDB's client.
  QStringList ask(const QString& database, const QString& sql) const { return database == "postgres" ? postgres_.psql(sql) : mariadb_.ask(sql); }

 private:
  PostgresServer postgres_;
  MariadbServer mariadb_;
};

}  // namespace penstock::test
