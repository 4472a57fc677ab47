#include "connectors/kafka/kafka_client.h"
#include "connectors/kafka/kafka_connector.h"

#include <QTest>

using namespace penstock;
using namespace penstock::kafka;

namespace {

Setting text(std::string value) { return {.kind = Setting::Kind::text, .text = std::move(value)}; }

Setting map_of(const std::vector<std::pair<std::string, Setting>>& entries) {
  Setting map{.kind = Setting::Kind::map};
  for (const auto& [key, value] : entries) map.entries.push_back({key, value});
  return map;
}

std::string joined(const Result<Properties>& properties) {
  if (!properties.ok()) return properties.error().message;
  std::string all;
  for (const auto& [name, value] : *properties) all += name + "=" + value + " ";
  return all;
}

}  // namespace

class KafkaSettingsTest : public QObject {
  Q_OBJECT

 private slots:
  void a_connection_becomes_librdkafkas_properties();
  void wrong_settings_are_named();
};

void KafkaSettingsTest::a_connection_becomes_librdkafkas_properties() {
  const Setting brokers{.kind = Setting::Kind::list, .items = {text("a:9092"), text("b:9092")}};
  QCOMPARE(joined(connection_properties(Settings(map_of({{"brokers", brokers}})))), std::string("bootstrap.servers=a:9092,b:9092 "));
  const Setting sasl = map_of({{"mechanism", text("SCRAM-SHA-256")}, {"username", text("app")}, {"password", text("pw")}});
  QCOMPARE(joined(connection_properties(Settings(map_of({{"brokers", text("a:1")}, {"tls", text("true")}, {"ca", text("ca.pem")}, {"sasl", sasl},
                                                         {"properties", map_of({{"client.id", text("x")}})}})))),
           std::string("bootstrap.servers=a:1 security.protocol=SSL ssl.ca.location=ca.pem security.protocol=SASL_SSL sasl.mechanism=SCRAM-SHA-256 "
                       "sasl.username=app sasl.password=pw client.id=x "));
  QCOMPARE(joined(connection_properties(Settings(map_of({{"brokers", text("ns:9093")}, {"event_hubs", text("Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=k=;EntityPath=t")}})))),
           std::string("bootstrap.servers=ns:9093 security.protocol=SASL_SSL sasl.mechanism=PLAIN sasl.username=$ConnectionString "
                       "sasl.password=Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=k=;EntityPath=t "));
  const Setting oauth = map_of({{"mechanism", text("OAUTHBEARER")}, {"token_url", text("https://id.shop/token")}, {"client_id", text("app")}, {"client_secret", text("s")}});
  QCOMPARE(joined(connection_properties(Settings(map_of({{"brokers", text("a:1")}, {"sasl", oauth}})))),
           std::string("bootstrap.servers=a:1 security.protocol=SASL_PLAINTEXT sasl.mechanism=OAUTHBEARER sasl.oauthbearer.method=oidc "
                       "sasl.oauthbearer.token.endpoint.url=https://id.shop/token sasl.oauthbearer.client.id=app sasl.oauthbearer.client.secret=s "));
}

void KafkaSettingsTest::wrong_settings_are_named() {
  QCOMPARE(joined(connection_properties(Settings(map_of({})))), std::string("a Kafka connection needs 'brokers': host:port, …"));
  const Setting sasl = map_of({{"mechanism", text("GSSAPI")}});
  QCOMPARE(joined(connection_properties(Settings(map_of({{"brokers", text("a:1")}, {"sasl", sasl}})))),
           std::string("sasl mechanism 'GSSAPI' is not supported; PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER are"));
  const auto error_of = [](const std::vector<std::pair<std::string, Setting>>& settings) { return joined(connection_properties(Settings(map_of(settings)))); };
  QCOMPARE(error_of({{"brokers", text("a:1")}, {"event_hubs", text("SharedAccessKey=hunter2")}}), std::string("'event_hubs' is no connection string of Event Hubs"));
  QCOMPARE(error_of({{"brokers", text("a:1")}, {"event_hubs", text("Endpoint=sb://h/;SharedAccessKey=k")}, {"sasl", map_of({})}}), std::string("'event_hubs' says who we are: there must be no 'sasl' beside it"));
  QCOMPARE(error_of({{"brokers", text("a:1")}, {"certificate", text("c.pem")}}), std::string("'certificate' and 'key' belong together"));
  const auto oauth = [&](const char* url) { return error_of({{"brokers", text("a:1")}, {"sasl", map_of({{"mechanism", text("OAUTHBEARER")}, {"token_url", text(url)}})}}); };
  for (const char* url : {"", "http://id.shop/token", "http://localhost.evil.shop/token", "http://localhost:80@evil.shop/token", "http://127.0.0.1@evil.shop/"})
    QCOMPARE(oauth(url), std::string("OAUTHBEARER needs a 'token_url' of https://, from where tokens come"));
  QCOMPARE(oauth("http://localhost:8080/token"), std::string("OAUTHBEARER needs 'client_id'"));
  const auto conf = make_conf({{"no.such.property", "1"}});
  QVERIFY(!conf.ok());
  QVERIFY(conf.error().message.starts_with("Kafka property 'no.such.property': "));

  const Settings connection(map_of({{"brokers", text("a:1")}}));
  const auto source_error = [&](const std::vector<std::pair<std::string, Setting>>& settings) {
    return kafka_connector().make_source(connection, Settings(map_of(settings)), {}).error().message;
  };
  QCOMPARE(source_error({}), std::string("'topic' must name a topic"));
  QCOMPARE(source_error({{"topic", text("t")}, {"message_max", text("1KiB")}}), std::string("'message_max' must be from 64KiB to 512MiB"));
  const auto sink = kafka_connector().make_sink(connection, Settings(map_of({{"topic", text("t")}, {"mode", text("upsert")}})), {});
  QCOMPARE(sink.error().message, std::string("mode upsert needs a 'key'"));
}

QTEST_APPLESS_MAIN(KafkaSettingsTest)
#include "kafka_settings_test.moc"
