#pragma once

// A PostgreSQL server of a test's own, by tests/peers/postgres, on a free loopback port; stopped and removed with
// the object. Needs the packages that installer/test installs.

#include <string>

#include "support/loopback_port.h"
#include "support/peer_script.h"

namespace penstock::test {

class PostgresServer {
 public:
  ~PostgresServer() { script_.run("stop"); }

  // What went wrong; empty when it runs.
  QString start() { return script_.run("start"); }
  // Down, with its data kept: start() brings the same server back.
  QString stop_for_a_while() { return script_.run("stop", true); }

  int port() const { return script_.port(); }
  static constexpr const char* kUser = "penstock";
  static constexpr const char* kPassword = "penstock";
  static constexpr const char* kDatabase = "shop";

  // The lines that psql prints for `sql`, unaligned, columns separated by '|': read by another program than ours.
  QStringList psql(const QString& sql) const {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PGPASSWORD", kPassword);
    environment.insert("PGTZ", "UTC");
    return lines_of_program("psql", {"-h", "127.0.0.1", "-p", QString::number(port()), "-U", kUser, "-d", kDatabase, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql}, environment);
  }

 private:
  const PeerScript script_{"postgres", "PG_PORT", free_loopback_port()};
};

}  // namespace penstock::test
