#include "connectors/registry/confluent_registry.h"

#include <QTest>

#include <thread>

#include "connectors/registry/registry_connector.h"
#include "support/schema_registry_server.h"

using namespace penstock;

namespace {

constexpr const char* kMoney = R"({"type":"record","name":"Money","namespace":"shop","fields":[{"name":"amount","type":"int"}]})";
constexpr const char* kSale = R"({"type":"record","name":"Sale","namespace":"shop","fields":[{"name":"price","type":"shop.Money"}]})";

std::string normal(const std::string& json) { return nlohmann::json::parse(json, nullptr, false).dump(); }

Settings connection(const std::string& registry, const std::string& user = {}, const std::string& ca = {}) {
  const auto text = [](const std::string& value) { return Setting{.kind = Setting::Kind::text, .text = value}; };
  Setting root{.kind = Setting::Kind::map};
  root.entries.push_back({"registry", text(registry)});
  if (!user.empty()) {
    Setting auth{.kind = Setting::Kind::map};
    auth.entries.push_back({"username", text(user)});
    auth.entries.push_back({"password", text("of-the-registry")});
    root.entries.push_back({"registry_auth", auth});
  }
  if (!ca.empty()) root.entries.push_back({"registry_ca", text(ca)});
  return Settings(root);
}

// Answers every schema as "int" to who comes with the right password.
template <typename Server>
struct Answering {
  template <typename... Certificates>
  explicit Answering(const Certificates&... certificates) : server(certificates...) {
    server.Get("/schemas/ids/[0-9]+", [](const httplib::Request& request, httplib::Response& response) {
      // "app:of-the-registry"
      if (request.get_header_value("Authorization") != "Basic YXBwOm9mLXRoZS1yZWdpc3RyeQ==") {
        response.status = 401;
        return;
      }
      response.set_content("{\"schema\":\"\\\"int\\\"\"}", "application/vnd.schemaregistry.v1+json");
    });
    port = server.bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server.listen_after_bind(); });
  }
  ~Answering() {
    server.stop();
    thread.join();
  }
  Server server;
  int port = 0;
  std::thread thread;
};

}  // namespace

class ConfluentRegistryTest : public QObject {
  Q_OBJECT

  test::SchemaRegistryServer peer_;

  std::unique_ptr<ConfluentRegistry> client(const QTemporaryDir& folder) const {
    return std::make_unique<ConfluentRegistry>(RegistryAddress{.urls = {peer_.url()}}, folder.path().toStdString());
  }

 private slots:
  void initTestCase() { QCOMPARE(peer_.start(), QString()); }

  void schemas_come_by_id_and_by_subject_with_what_they_refer_to() {
    const QTemporaryDir folder;
    QVERIFY(peer_.add("money", kMoney) > 0);
    const int id = peer_.add("sale%2Fvalue", kSale, "AVRO", {{{"name", "shop.Money"}, {"subject", "money"}, {"version", 1}}});
    QVERIFY(id > 0);
    const int later = peer_.add("money", std::string(kMoney).replace(std::string(kMoney).find("\"int\""), 5, "\"long\""));
    QVERIFY(later > 0 && later != id);
    const auto registry = client(folder);
    const auto by_id = registry->by_id(id);
    QVERIFY2(by_id.ok(), by_id.ok() ? "" : by_id.error().to_string().c_str());
    QCOMPARE((*by_id)->references.size(), 1u);
    QCOMPARE((*by_id)->references[0].name, std::string("shop.Money"));
    QCOMPARE(normal((*by_id)->references[0].text), normal(kMoney));
    const auto newest = registry->of_subject("sale/value", std::nullopt);
    QVERIFY2(newest.ok(), newest.ok() ? "" : newest.error().to_string().c_str());
    QCOMPARE(normal((*newest)->text), normal(kSale));
    QVERIFY((*registry->of_subject("money", 1))->text.find("\"int\"") != std::string::npos);
    QVERIFY((*registry->of_subject("money", std::nullopt))->text.find("\"long\"") != std::string::npos);
  }

  void each_language_is_told() {
    const QTemporaryDir folder;
    const int json = peer_.add("json", R"({"type":"object","properties":{"a":{"type":"string"}}})", "JSON");
    const int protobuf = peer_.add("protobuf", "syntax = \"proto3\";\nmessage Sale { string id = 1; }\n", "PROTOBUF");
    const auto registry = client(folder);
    QCOMPARE((*registry->by_id(json))->language, RegisteredSchema::Language::json_schema);
    QCOMPARE((*registry->by_id(protobuf))->language, RegisteredSchema::Language::protobuf);
  }

  void what_the_registry_does_not_have_is_not_found() {
    const QTemporaryDir folder;
    const auto registry = client(folder);
    QCOMPARE(registry->by_id(987'654).error().kind, ErrorKind::not_found);
    QCOMPARE(QString::fromStdString(registry->of_subject("nobody", std::nullopt).error().message), "the registry has no version latest of subject nobody");
    QVERIFY(peer_.add("money-once", kMoney) > 0);
    QCOMPARE(registry->of_subject("money-once", 9).error().kind, ErrorKind::not_found);
  }

  void a_registry_that_is_down_does_not_stop_what_was_seen_even_after_a_restart() {
    const QTemporaryDir folder, other;
    const int seen = peer_.add("money-seen", kMoney);
    const int unseen = peer_.add("bytes", "\"bytes\"");
    const auto registry = client(folder);
    QVERIFY(registry->by_id(seen).ok());
    QCOMPARE(peer_.stop_for_a_while(), QString());
    QVERIFY(registry->by_id(seen).ok());
    QVERIFY((*client(folder)->by_id(seen))->text.find("Money") != std::string::npos);
    QCOMPARE(client(other)->by_id(seen).error().kind, ErrorKind::unavailable);
    QCOMPARE(registry->by_id(unseen).error().kind, ErrorKind::unavailable);
    QCOMPARE(registry->of_subject("money-seen", std::nullopt).error().kind, ErrorKind::unavailable);
    QCOMPARE(peer_.start(), QString());
    QVERIFY(registry->by_id(unseen).ok());
  }

  void the_second_address_is_asked_where_the_first_does_not_answer() {
    const int id = peer_.add("money-two", kMoney);
    const auto registry = make_schema_registry(connection("http://127.0.0.1:1, " + peer_.url()), "");
    QVERIFY((*registry)->by_id(id).ok());
  }

  void who_asks_says_who_it_is() {
    const Answering<httplib::Server> server;
    const std::string url = "http://127.0.0.1:" + std::to_string(server.port);
    const auto registry = make_schema_registry(connection(url, "app"), "");
    QCOMPARE((*(*registry)->by_id(1))->text, std::string("\"int\""));
    const auto stranger = make_schema_registry(connection(url, "stranger"), "");
    const Error refused = (*stranger)->by_id(1).error();
    QCOMPARE(refused.kind, ErrorKind::unauthenticated);
    QVERIFY(refused.to_string().find("of-the-registry") == std::string::npos);
  }

  void over_tls_only_a_certificate_that_is_trusted_is_believed() {
    const QTemporaryDir folder;
    const QString key = folder.filePath("key.pem"), certificate = folder.filePath("certificate.pem");
    QCOMPARE(QProcess::execute("openssl", {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                                           "-addext", "subjectAltName=IP:127.0.0.1"}), 0);
    const Answering<httplib::SSLServer> server(certificate.toLocal8Bit().constData(), key.toLocal8Bit().constData());
    const std::string url = "https://127.0.0.1:" + std::to_string(server.port);
    const auto trusting = make_schema_registry(connection(url, "app", certificate.toStdString()), "");
    const auto answer = (*trusting)->by_id(1);
    QVERIFY2(answer.ok(), answer.ok() ? "" : answer.error().to_string().c_str());
    QCOMPARE((*make_schema_registry(connection(url, "app"), ""))->by_id(1).error().kind, ErrorKind::unavailable);
  }

  void an_address_that_is_none_is_told() {
    QCOMPARE(make_schema_registry(connection("localhost:8081"), "").error().kind, ErrorKind::invalid_argument);
    QVERIFY(*make_schema_registry(Settings(Setting{.kind = Setting::Kind::map}), "") == nullptr);
  }
};

QTEST_GUILESS_MAIN(ConfluentRegistryTest)
#include "confluent_registry_test.moc"
