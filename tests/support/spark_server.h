#pragma once

// A Spark Connect server of a test's own, by tests/peers/spark-connect, on a free loopback port; stopped and removed with
// the object. Spark itself is fetched once and shared by all tests.

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include "support/loopback_port.h"

namespace penstock::test {

class SparkServer {
 public:
  SparkServer() : port_(free_loopback_port()) {}
  ~SparkServer() { run("stop", own_environment()); }

  // What went wrong; empty when it runs.
  QString start() {
    const QString shared = qEnvironmentVariable("PENSTOCK_PEERS_DIR", QDir::homePath() + "/.cache/penstock-peers") + "/spark-connect/app";
    if (const QString wrong = run("install", QProcessEnvironment::systemEnvironment()); !wrong.isEmpty()) return wrong;
    QDir().mkpath(folder_.path() + "/spark-connect");
    QFile::link(shared, folder_.path() + "/spark-connect/app");
    return run("start", own_environment());
  }
  // For tests/peers/delta-check --spark: where the server is, and its client in the shared place.
  QProcessEnvironment environment() const {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("SPARK_PORT", QString::number(port_));
    return environment;
  }

 private:
  QProcessEnvironment own_environment() const {
    QProcessEnvironment own = environment();
    own.insert("PENSTOCK_PEERS_DIR", folder_.path());
    return own;
  }
  static QString run(const QString& verb, const QProcessEnvironment& environment) {
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/peers/spark-connect", {verb});
    if (!process.waitForFinished(600'000)) return "tests/peers/spark-connect does not end";
    return process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAllStandardError());
  }

  QTemporaryDir folder_;
  const int port_;
};

}  // namespace penstock::test
