#include "connectors/kafka/kafka_client.h"

namespace penstock::kafka {
namespace {

// librdkafka writes to stderr by itself; what matters comes back as errors.
void ignore_log(const rd_kafka_t*, int, const char*, const char*) {}

Error wrong(const Setting& at, std::string message) { return {ErrorKind::invalid_argument, std::move(message), "", at.at.to_string()}; }

Status add_sasl(const Setting& sasl, bool tls, Properties& properties) {
  const Settings settings(sasl);
  const std::string mechanism = settings.text("mechanism", "PLAIN");
  if (mechanism != "PLAIN" && mechanism != "SCRAM-SHA-256" && mechanism != "SCRAM-SHA-512")
    return wrong(sasl, "sasl mechanism '" + mechanism + "' is not supported; PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 are");
  properties.emplace_back("security.protocol", tls ? "SASL_SSL" : "SASL_PLAINTEXT");
  properties.emplace_back("sasl.mechanism", mechanism);
  properties.emplace_back("sasl.username", settings.text("username"));
  properties.emplace_back("sasl.password", settings.text("password"));
  return {};
}

}  // namespace

Result<Properties> connection_properties(const Settings& connection) {
  Properties properties;
  std::string brokers;
  for (const std::string& broker : connection.list("brokers")) brokers += (brokers.empty() ? "" : ",") + broker;
  if (brokers.empty()) return wrong(connection.root(), "a Kafka connection needs 'brokers': host:port, …");
  properties.emplace_back("bootstrap.servers", brokers);
  PENSTOCK_ASSIGN(const bool tls, connection.boolean("tls", false));
  if (tls) properties.emplace_back("security.protocol", "SSL");
  if (connection.has("ca")) properties.emplace_back("ssl.ca.location", connection.text("ca"));
  if (const Setting* sasl = connection.root().find("sasl")) PENSTOCK_TRY(add_sasl(*sasl, tls, properties));
  if (const Setting* more = connection.root().find("properties"))
    for (const auto& [name, value] : more->entries) properties.emplace_back(name, value.text);
  return properties;
}

Result<Conf> make_conf(const Properties& properties) {
  Conf conf(rd_kafka_conf_new());
  char reason[512];
  for (const auto& [name, value] : properties)
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK)
      return Error(ErrorKind::invalid_argument, "Kafka property '" + name + "': " + reason);
  rd_kafka_conf_set_log_cb(conf.get(), ignore_log);
  return conf;
}

Result<Client> make_client(rd_kafka_type_t type, Conf conf) {
  char reason[512];
  // librdkafka takes the configuration only when it succeeds.
  Client client(rd_kafka_new(type, conf.get(), reason, sizeof reason));
  if (!client) return Error(ErrorKind::invalid_argument, std::string("Kafka client: ") + reason);
  static_cast<void>(conf.release());
  return client;
}

ErrorKind kind_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return ErrorKind::not_found;
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: return ErrorKind::data_loss;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED: return ErrorKind::permission_denied;
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION: return ErrorKind::unauthenticated;
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH: return ErrorKind::failed_precondition;
    case RD_KAFKA_RESP_ERR__INVALID_ARG: return ErrorKind::invalid_argument;
    default: return ErrorKind::unavailable;
  }
}

Error error_of(rd_kafka_resp_err_t code, const std::string& doing) {
  return {kind_of(code), "Kafka, " + doing + ": " + rd_kafka_err2str(code)};
}

Error error_of(rd_kafka_error_t* error, const std::string& doing) {
  Error ours(kind_of(rd_kafka_error_code(error)), "Kafka, " + doing + ": " + rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return ours;
}

Result<std::int32_t> count_partitions(rd_kafka_t* client, const std::string& topic, int timeout_ms) {
  const std::unique_ptr<rd_kafka_topic_t, void (*)(rd_kafka_topic_t*)> handle(rd_kafka_topic_new(client, topic.c_str(), nullptr),
                                                                              rd_kafka_topic_destroy);
  if (!handle) return error_of(rd_kafka_last_error(), "topic " + topic);
  const rd_kafka_metadata_t* raw = nullptr;
  if (const auto code = rd_kafka_metadata(client, 0, handle.get(), &raw, timeout_ms)) {
    const ErrorKind kind = kind_of(code);
    if (kind == ErrorKind::unavailable || kind == ErrorKind::deadline_exceeded)
      return Error(kind, "the broker of " + topic + " does not answer: " + rd_kafka_err2str(code));
    return error_of(code, "asking for topic " + topic);
  }
  const Metadata metadata(raw);
  if (metadata->topic_cnt != 1) return Error(ErrorKind::not_found, "there is no topic '" + topic + "'");
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (found.err) {
    Error error = error_of(found.err, "topic " + topic);
    if (error.kind == ErrorKind::not_found) error = {ErrorKind::not_found, "there is no topic '" + topic + "'", "create it, or correct `topic`"};
    return error;
  }
  return found.partition_cnt;
}

}  // namespace penstock::kafka
