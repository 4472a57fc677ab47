#include "connectors/kafka/kafka_client.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <string_view>
#include <thread>

#include "base/log.h"

namespace penstock::kafka {
namespace {

// A refusal is there at once, but the calls that wait for an answer do not see it: so often it is looked for.
constexpr int kGlanceMs = 500;
constexpr int kScramOfToday = 0x02060100;

// librdkafka would write to stderr by itself. What matters comes back as errors, but for one thing: that a broker does not let us in
// is only said here, as "FAIL" with the name of a thread in front. It never holds a password.
void take_note(const rd_kafka_t* client, int, const char* about, const char* text) {
  auto* notes = client ? static_cast<ClientNotes*>(rd_kafka_opaque(client)) : nullptr;
  if (!notes || std::string_view(about) != "FAIL") return;
  std::string_view said(text);
  if (said.starts_with("[thrd:"))
    if (const auto end = said.find("]: "); end != std::string_view::npos) said.remove_prefix(end + 3);
  const auto says = [&](std::string_view part) { return said.find(part) != std::string_view::npos; };
  // A broker that goes away in the middle has refused nobody.
  if (says("Local: ") || says("Disconnected")) return;
  if (says("uthentication") || (says("SSL handshake failed") && says("certificate"))) notes->refused(std::string(said.substr(0, said.find(" (after "))));
}

void take_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  const auto& notes = *static_cast<ClientNotes*>(opaque);
  if (notes.error) notes.error(static_cast<rd_kafka_resp_err_t>(code), reason);
}

constexpr std::chrono::seconds kEndsWithin{5};

}  // namespace

void destroy_client(rd_kafka_t* client) {
  auto* notes = static_cast<ClientNotes*>(rd_kafka_opaque(client));
  notes->error = nullptr;      // who listened may be gone
  const bool is_consumer = rd_kafka_type(client) == RD_KAFKA_CONSUMER;
  if (is_consumer) rd_kafka_assign(client, nullptr);
  const auto ended = std::make_shared<std::promise<void>>();
  std::thread ends([client, notes, ended] {
    rd_kafka_destroy(client);      // may still have something to say
    delete notes;
    ended->set_value();
  });
  if (!is_consumer || ended->get_future().wait_for(kEndsWithin) == std::future_status::ready) return ends.join();
  log_warn("a Kafka client does not end: it is left behind");
  ends.detach();
}

Result<Conf> make_conf(const Properties& properties) {
  Conf conf(rd_kafka_conf_new());
  char reason[512];
  for (const auto& [name, value] : properties)
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK)
      return Error(ErrorKind::invalid_argument, "Kafka property '" + name + "': " + reason);
  return conf;
}

Result<Client> make_client(rd_kafka_type_t type, Conf conf) {
  char reason[512];
  auto notes = std::make_unique<ClientNotes>();
  rd_kafka_conf_set_opaque(conf.get(), notes.get());
  rd_kafka_conf_set_log_cb(conf.get(), take_note);
  rd_kafka_conf_set_error_cb(conf.get(), take_error);
  // librdkafka takes the configuration only when it succeeds.
  Client client(rd_kafka_new(type, conf.get(), reason, sizeof reason));
  if (!client) return Error(ErrorKind::invalid_argument, std::string("Kafka client: ") + reason);
  static_cast<void>(conf.release());
  static_cast<void>(notes.release());      // the client's now
  return client;
}

ClientNotes& notes_of(const Client& client) { return *static_cast<ClientNotes*>(rd_kafka_opaque(client.get())); }

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

Result<Metadata> ask_metadata(rd_kafka_t* client, rd_kafka_topic_t* topic, int timeout_ms) {
  auto& notes = *static_cast<ClientNotes*>(rd_kafka_opaque(client));
  const auto ask = [&](int wait_ms, Metadata& metadata) {
    const rd_kafka_metadata_t* raw = nullptr;
    const auto code = rd_kafka_metadata(client, topic ? 0 : 1, topic, &raw, wait_ms);
    metadata.reset(raw);
    return code;
  };
  Metadata metadata;
  const int glance = std::min(kGlanceMs, timeout_ms);
  auto code = ask(glance, metadata);
  if (code && notes.refusal().empty() && timeout_ms > glance) code = ask(timeout_ms - glance, metadata);
  if (!code) {
    notes.refused("");
    return metadata;
  }
  if (const std::string refusal = notes.refusal(); !refusal.empty()) {
    std::string message = "the broker does not let us in: " + refusal;
    // librdkafka's pull request 4895, and CVE-2024-56128: brokers look at what it wrote wrongly before.
    if (refusal.find("SCRAM") != std::string::npos && rd_kafka_version() < kScramOfToday)
      message += "; brokers of Kafka 4 refuse SCRAM by librdkafka " + std::string(rd_kafka_version_str()) + " whatever the password: PLAIN over TLS, or librdkafka 2.6.1";
    return Error(ErrorKind::unauthenticated, message, "correct `sasl`, `tls` or `ca` of the connection, then resume");
  }
  const std::string what = topic ? std::string(rd_kafka_topic_name(topic)) : "the topics";
  const ErrorKind kind = kind_of(code);
  if (kind == ErrorKind::unavailable) return Error(kind, "the broker of " + what + " does not answer: " + rd_kafka_err2str(code));
  return error_of(code, "asking for " + what);
}

Result<std::int32_t> count_partitions(rd_kafka_t* client, const std::string& topic, int timeout_ms) {
  const std::unique_ptr<rd_kafka_topic_t, void (*)(rd_kafka_topic_t*)> handle(rd_kafka_topic_new(client, topic.c_str(), nullptr),
                                                                              rd_kafka_topic_destroy);
  if (!handle) return error_of(rd_kafka_last_error(), "topic " + topic);
  PENSTOCK_ASSIGN(const Metadata metadata, ask_metadata(client, handle.get(), timeout_ms));
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
