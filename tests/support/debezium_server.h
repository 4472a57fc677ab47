#pragma once

// A Debezium Server of a test's own, by tests/peers/debezium: it reads tables of a PostgreSQL server into topics of a broker.
// Stopped and removed with the object. Its program is fetched once and shared by all tests.

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include "support/kafka_server.h"
#include "support/loopback_port.h"
#include "support/postgres_server.h"

namespace penstock::test {

class DebeziumServer {
 public:
  // `prefix`: of its topics, <prefix>.public.<table>; also the name of its slot and publication. `properties`: further lines.
  DebeziumServer(const PostgresServer& postgres, const KafkaServer& kafka, QString prefix, QByteArray properties)
      : port_(free_loopback_port()), database_port_(postgres.port()), brokers_(QString::fromStdString(kafka.brokers())), prefix_(std::move(prefix)), properties_(std::move(properties)) {}
  ~DebeziumServer() { peer("stop"); }

  // What went wrong; empty when it runs: its snapshot may not be done.
  QString start() {
    const QString installed = shared_folder() + "/debezium/app";
    if (const QString wrong = run("install", QProcessEnvironment::systemEnvironment()); !wrong.isEmpty()) return wrong;
    QDir().mkpath(folder_.path() + "/debezium");
    QFile::link(installed, folder_.path() + "/debezium/app");
    QFile more(folder_.path() + "/more.properties");
    if (!more.open(QIODevice::WriteOnly)) return "no file for its properties";
    more.write("debezium.source.slot.name=" + prefix_.toUtf8() + "\ndebezium.source.publication.name=" + prefix_.toUtf8() + "\n" + properties_);
    more.close();
    return peer("start");
  }

 private:
  static QString shared_folder() { return qEnvironmentVariable("PENSTOCK_PEERS_DIR", QDir::homePath() + "/.cache/penstock-peers"); }

  QString peer(const QString& verb) const {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PENSTOCK_PEERS_DIR", folder_.path());
    environment.insert("DBZ_HTTP_PORT", QString::number(port_));
    environment.insert("DBZ_HEAP", "256m");
    environment.insert("DBZ_PREFIX", prefix_);
    environment.insert("DBZ_EXTRA", folder_.path() + "/more.properties");
    environment.insert("PGHOST", "127.0.0.1");
    environment.insert("PGPORT", QString::number(database_port_));
    environment.insert("PGUSER", PostgresServer::kUser);
    environment.insert("PGPASSWORD", PostgresServer::kPassword);
    environment.insert("PGDATABASE", PostgresServer::kDatabase);
    environment.insert("KAFKA_BOOTSTRAP", brokers_);
    return run(verb, environment);
  }
  static QString run(const QString& verb, const QProcessEnvironment& environment) {
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/peers/debezium", {verb});
    if (!process.waitForFinished(600'000)) return "tests/peers/debezium does not end";
    return process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAllStandardError());
  }

  QTemporaryDir folder_;
  const int port_, database_port_;
  const QString brokers_, prefix_;
  const QByteArray properties_;
};

}  // namespace penstock::test
