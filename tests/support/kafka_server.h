#pragma once

// A Kafka broker of a test's own, by tests/peers/kafka, on a free loopback port; stopped and removed with the object.
// The broker's program is fetched once and shared by all tests.

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include "support/loopback_port.h"

namespace penstock::test {

class KafkaServer {
 public:
  // With a password it also lets user `app` in who shows it, and speaks TLS.
  explicit KafkaServer(QString password = {}, QString heap = "384m") : password_(std::move(password)), heap_(std::move(heap)), port_(free_loopback_port(6)) {}      // the broker, its controller, and for who must say who he is
  ~KafkaServer() { peer("stop", false); }

  // What went wrong; empty when it runs.
  QString start() {
    const QString installed = shared_folder() + "/kafka/app";
    if (!QFile::exists(installed + "/run"))
      if (const QString wrong = run("install", QProcessEnvironment::systemEnvironment()); !wrong.isEmpty()) return wrong;
    QDir().mkpath(folder_.path() + "/kafka");
    QFile::link(installed, folder_.path() + "/kafka/app");
    return peer("start", true);
  }
  // Down, with its data kept: start() brings the same broker back.
  QString stop_for_a_while() { return peer("stop", true); }

  std::string brokers() const { return at(0); }
  std::string sasl_brokers() const { return at(2); }
  std::string tls_brokers() const { return at(3); }
  std::string sasl_tls_brokers() const { return at(4); }
  std::string mutual_tls_brokers() const { return at(5); }
  // ca.pem: the certificates to trust; client.pem and client.key, which the password opens: those of `app`.
  std::string key_file(const char* name) const { return folder_.path().toStdString() + "/kafka/data/keys/" + name; }

 private:
  std::string at(int place) const { return "127.0.0.1:" + std::to_string(port_ + place); }
  static QString shared_folder() { return qEnvironmentVariable("PENSTOCK_PEERS_DIR", QDir::homePath() + "/.cache/penstock-peers"); }

  QString peer(const QString& verb, bool keep) const {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PENSTOCK_PEERS_DIR", folder_.path());
    environment.insert("KAFKA_PORT", QString::number(port_));
    environment.insert("KAFKA_HEAP", heap_);
    if (!password_.isEmpty()) environment.insert("KAFKA_PASSWORD", password_);
    if (keep) environment.insert("KEEP", "1");
    return run(verb, environment);
  }
  static QString run(const QString& verb, const QProcessEnvironment& environment) {
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/peers/kafka", {verb});
    if (!process.waitForFinished(300'000)) return "tests/peers/kafka does not end";
    return process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAllStandardError());
  }

  QTemporaryDir folder_;
  const QString password_, heap_;
  const int port_;
};

}  // namespace penstock::test
