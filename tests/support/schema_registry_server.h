#pragma once

// A schema registry of a test's own, by tests/peers/schema-registry, on a free loopback port; stopped and removed with the
// object. Its program is fetched once and shared by all tests.

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include "support/loopback_port.h"

namespace penstock::test {

class SchemaRegistryServer {
 public:
  SchemaRegistryServer() : port_(free_loopback_port(2)) {}      // it, and its management
  ~SchemaRegistryServer() { peer("stop", false); }

  // What went wrong; empty when it runs.
  QString start() {
    const QString installed = shared_folder() + "/schema-registry/app";
    if (const QString wrong = run("install", QProcessEnvironment::systemEnvironment()); !wrong.isEmpty()) return wrong;
    QDir().mkpath(folder_.path() + "/schema-registry");
    QFile::link(installed, folder_.path() + "/schema-registry/app");
    return peer("start", true);
  }
  // Down, with what it holds kept: start() brings the same registry back.
  QString stop_for_a_while() { return peer("stop", true); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/apis/ccompat/v7"; }

  // The id of a schema, registered under this subject; 0 when the registry refuses, which is printed.
  int add(const std::string& subject, const std::string& schema, const std::string& type = "AVRO", const nlohmann::json& references = nlohmann::json::array()) const {
    const nlohmann::json answer = post("/subjects/" + subject + "/versions", {{"schema", schema}, {"schemaType", type}, {"references", references}});
    if (!answer.contains("id")) qWarning("%s", answer.dump().c_str());
    return answer.value("id", 0);
  }
  nlohmann::json post(const std::string& path, const nlohmann::json& body) const {
    return answer_of(client().Post("/apis/ccompat/v7" + path, body.dump(), "application/json"));
  }
  nlohmann::json put(const std::string& path, const nlohmann::json& body) const {
    return answer_of(client().Put("/apis/ccompat/v7" + path, body.dump(), "application/json"));
  }

 private:
  // It may answer late on a machine that is busy with other tests: only a registry that hangs is waited for in vain.
  httplib::Client client() const {
    httplib::Client client("127.0.0.1", port_);
    client.set_connection_timeout(60);
    client.set_read_timeout(60);
    return client;
  }
  // What it says; an empty object, and a warning, where no answer came.
  static nlohmann::json answer_of(const httplib::Result& answer) {
    if (answer) return nlohmann::json::parse(answer->body, nullptr, false);
    qWarning("the registry does not answer: %s", httplib::to_string(answer.error()).c_str());
    return nlohmann::json::object();
  }

  static QString shared_folder() { return qEnvironmentVariable("PENSTOCK_PEERS_DIR", QDir::homePath() + "/.cache/penstock-peers"); }

  QString peer(const QString& verb, bool keep) const {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PENSTOCK_PEERS_DIR", folder_.path());
    environment.insert("REGISTRY_PORT", QString::number(port_));
    if (keep) environment.insert("KEEP", "1");
    return run(verb, environment);
  }
  static QString run(const QString& verb, const QProcessEnvironment& environment) {
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/peers/schema-registry", {verb});
    if (!process.waitForFinished(600'000)) return "tests/peers/schema-registry does not end";
    return process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAllStandardError());
  }

  QTemporaryDir folder_;
  const int port_;
};

}  // namespace penstock::test
