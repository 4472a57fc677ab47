#include "connectors/kafka/kafka_connector.h"

#include "connectors/kafka/kafka_sink.h"
#include "connectors/kafka/kafka_source.h"

namespace penstock {
namespace {

using namespace kafka;

std::vector<SettingSpec> connection_settings() {
  const std::vector<SettingSpec> sasl = {
      {.name = "mechanism", .fallback = "PLAIN", .help = "How we say who we are.", .choices = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"}},
      {.name = "username", .help = "PLAIN, SCRAM: who we are."},
      {.name = "password", .help = "PLAIN, SCRAM: its password.", .secret = true},
      {.name = "token_url", .help = "OAUTHBEARER: where the identity provider gives tokens (https, or this machine)."},
      {.name = "client_id", .help = "OAUTHBEARER: who we are to the identity provider."},
      {.name = "client_secret", .help = "OAUTHBEARER: what proves it.", .secret = true},
      {.name = "scope", .help = "OAUTHBEARER: what the token is to allow; the provider's default if absent."},
  };
  const std::vector<SettingSpec> registry_auth = {
      {.name = "username", .help = "Who we are to the registry."},
      {.name = "password", .help = "Its password.", .secret = true},
  };
  return {
      {.name = "brokers", .type = SettingType::list, .required = true, .help = "host:port of one or more brokers; of Azure Event Hubs its host and port 9093."},
      {.name = "event_hubs", .help = "Azure Event Hubs' connection string, instead of tls and sasl.", .secret = true},
      {.name = "tls", .type = SettingType::boolean, .fallback = "false", .help = "Encrypt the connection."},
      {.name = "ca", .help = "File of the certificates to trust; the system's if absent."},
      {.name = "certificate", .help = "File of our own certificate, in PEM, where the broker asks for one."},
      {.name = "key", .help = "File of its private key, in PEM."},
      {.name = "key_password", .help = "The private key's password.", .secret = true},
      {.name = "sasl", .type = SettingType::map, .help = "Who we are to the brokers.", .fields = sasl},
      {.name = "registry", .help = "Address of a schema registry that speaks Confluent's API; several with commas are tried in turn."},
      {.name = "registry_auth", .type = SettingType::map, .help = "Who we are to the registry.", .fields = registry_auth},
      {.name = "registry_ca", .help = "File of the certificates to trust for the registry; the system's if absent."},
      {.name = "properties", .type = SettingType::map, .help = "Further properties in librdkafka's names."},
  };
}

std::vector<SettingSpec> source_settings() {
  return {
      {.name = "topic", .required = true, .help = "The topic to read; beginning with ^, a regular expression over the names of topics: all that match are read. New topics and partitions are found within 10 seconds, and read from their beginning."},
      {.name = "start", .fallback = "earliest", .help = "Where a first start begins.", .choices = {"earliest", "latest"}},
      {.name = "group", .help = "The group to commit positions to, so that others see the lag; penstock-<stream> if absent."},
      {.name = "framing", .help = "confluent: values begin with the id of their schema, which the registry has; none: they do not. Left out: confluent for avro and protobuf where the connection has a registry, else none.", .choices = {"confluent", "none"}},
      {.name = "decimals", .fallback = "precise", .help = "How Debezium writes decimals where its messages have no schema part (its decimal.handling.mode).", .choices = {"precise", "string", "double"}},
      {.name = "message", .help = "The message of a .proto contract that a record is; its first one if absent."},
      {.name = "message_max", .type = SettingType::bytes, .fallback = "16MiB", .help = "A larger message becomes a dead letter."},
  };
}

std::vector<SettingSpec> sink_settings() {
  return {
      {.name = "topic", .required = true, .help = "The topic to write."},
      {.name = "mode", .fallback = "append", .help = "upsert: keyed messages, deleted rows become tombstones.", .choices = {"append", "upsert"}},
      {.name = "key", .type = SettingType::list, .help = "Columns of the message key."},
      {.name = "envelope", .fallback = "none", .help = "debezium: each row is a change in Debezium's envelope, in JSON, under its key; a removal has a tombstone behind it.", .choices = {"none", "debezium"}},
      {.name = "decimals", .fallback = "precise", .help = "envelope debezium: how decimals are written, as decimal.handling.mode.", .choices = {"precise", "string", "double"}},
      {.name = "schemas", .type = SettingType::boolean, .fallback = "false", .help = "envelope debezium: with Kafka Connect's schema part."},
      {.name = "compression", .fallback = "lz4", .help = "How messages are packed.", .choices = {"none", "gzip", "snappy", "lz4", "zstd"}},
      {.name = "flush", .type = SettingType::duration, .fallback = "0s", .help = "How long rows may wait to go in one transaction with later ones."},
      {.name = "take_over", .type = SettingType::boolean, .fallback = "false", .help = "Accept a topic that another state of this stream has marked."},
  };
}

Error wrong(const Settings& settings, std::string_view key, std::string message) {
  const Setting* found = settings.root().find(key);
  return {ErrorKind::invalid_argument, std::move(message), "", (found ? found->at : settings.root().at).to_string()};
}

Result<std::unique_ptr<Source>> make_source(const Settings& connection, const Settings& settings, const ConnectorContext& context) {
  KafkaSourceConfig config;
  PENSTOCK_ASSIGN(config.properties, connection_properties(connection));
  config.topic = settings.text("topic");
  if (config.topic.empty()) return wrong(settings, "topic", "'topic' must name a topic");
  config.group = settings.text("group", "penstock-" + context.stream);
  config.from_latest = settings.text("start", "earliest") == "latest";
  config.queue_bytes = context.memory_bytes;
  PENSTOCK_ASSIGN(config.message_max_bytes, settings.bytes("message_max", 16 << 20));
  if (config.message_max_bytes < (64 << 10) || config.message_max_bytes > (512 << 20))
    return wrong(settings, "message_max", "'message_max' must be from 64KiB to 512MiB");
  return KafkaSource::make(std::move(config));
}

Result<std::unique_ptr<Sink>> make_sink(const Settings& connection, const Settings& settings, const ConnectorContext& context) {
  KafkaSinkConfig config;
  PENSTOCK_ASSIGN(config.properties, connection_properties(connection));
  config.topic = settings.text("topic");
  if (config.topic.empty()) return wrong(settings, "topic", "'topic' must name a topic");
  if (config.topic.starts_with('^')) return wrong(settings, "topic", "'topic' must name one topic: a pattern is for sources");
  config.key = settings.list("key");
  config.upsert = settings.text("mode", "append") == "upsert";
  if (config.upsert && config.key.empty()) return wrong(settings, "mode", "mode upsert needs a 'key'");
  if (settings.text("envelope", "none") == "debezium") {
    if (config.key.empty()) return wrong(settings, "envelope", "Debezium's envelope needs a 'key'");
    PENSTOCK_ASSIGN(const bool schemas, settings.boolean("schemas", false));
    const std::string decimals = settings.text("decimals", "precise");
    config.debezium = DebeziumOptions{.key = config.key,
                                      .decimals = decimals == "precise" ? Decimals::precise : decimals == "string" ? Decimals::string : Decimals::number,
                                      .schemas = schemas, .stream = context.stream, .topic = config.topic};
  }
  config.clock = context.clock;
  config.compression = settings.text("compression", "lz4");
  PENSTOCK_ASSIGN(config.take_over, settings.boolean("take_over", false));
  PENSTOCK_ASSIGN(const auto flush, settings.duration("flush", std::chrono::microseconds(0)));
  config.flush = std::chrono::duration_cast<std::chrono::milliseconds>(flush);
  return std::unique_ptr<Sink>(std::make_unique<KafkaSink>(std::move(config)));
}

Result<std::string> test_connection(const Settings& connection, std::chrono::milliseconds deadline) {
  PENSTOCK_ASSIGN(Properties properties, connection_properties(connection));
  PENSTOCK_ASSIGN(Conf conf, make_conf(properties));
  PENSTOCK_ASSIGN(const Client client, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
  const Result<Metadata> asked = ask_metadata(client.get(), nullptr, static_cast<int>(deadline.count()));
  if (!asked.ok()) return asked.error().within(properties.front().second);
  const Metadata& metadata = *asked;
  const auto counted = [](int count, const char* what) { return std::to_string(count) + " " + what + (count == 1 ? "" : "s"); };
  return "reached " + std::string(metadata->orig_broker_name) + ": " + counted(metadata->broker_cnt, "broker") + ", " + counted(metadata->topic_cnt, "topic");
}

}  // namespace

Connector kafka_connector() {
  return {.kind = "kafka",
          .connection_settings = connection_settings(),
          .source_settings = source_settings(),
          .sink_settings = sink_settings(),
          .make_source = make_source,
          .make_sink = make_sink,
          .test_connection = test_connection};
}

}  // namespace penstock
