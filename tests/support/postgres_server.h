#pragma once

// A PostgreSQL server of a test's own, by tests/peers/postgres, on a free loopback port; stopped and removed with
// the object. Needs the packages that installer/test installs.

#include <QProcess>
#include <QTemporaryDir>

#include <string>

#include "support/loopback_port.h"

namespace penstock::test {

class PostgresServer {
 public:
  PostgresServer() : port_(free_loopback_port()) {}
  ~PostgresServer() { peer("stop"); }

  // What went wrong; empty when it runs.
  QString start() { return peer("start"); }

  int port() const { return port_; }
  static constexpr const char* kUser = "penstock";
  static constexpr const char* kPassword = "penstock";
  static constexpr const char* kDatabase = "shop";

  // The lines that psql prints for `sql`, unaligned, columns separated by '|': read by another program than ours.
  QStringList psql(const QString& sql) const {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PGPASSWORD", kPassword);
    environment.insert("PGTZ", "UTC");
    process.setProcessEnvironment(environment);
    process.start("psql", {"-h", "127.0.0.1", "-p", QString::number(port_), "-U", kUser, "-d", kDatabase, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql});
    process.waitForFinished(120'000);
    const QString out = QString::fromUtf8(process.readAllStandardOutput());
    if (process.exitCode() != 0) return {"psql: " + QString::fromUtf8(process.readAllStandardError())};
    return out.split('\n', Qt::SkipEmptyParts);
  }

 private:
  QString peer(const QString& verb) const {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PENSTOCK_PEERS_DIR", folder_.path());
    environment.insert("PG_PORT", QString::number(port_));
    process.setProcessEnvironment(environment);
    process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/peers/postgres", {verb});
    if (!process.waitForFinished(180'000)) return "tests/peers/postgres does not end";
    return process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAllStandardError());
  }

  QTemporaryDir folder_;
  const int port_;
};

}  // namespace penstock::test
