#include "connectors/kafka/kafka_sink.h"

#include <algorithm>

#include "base/crash_point.h"
#include "connectors/kafka/connect_errors.h"
#include "io/row_json.h"

namespace penstock::kafka {
namespace {

constexpr int kTransactionMs = 60'000;
constexpr int kAskMs = 10'000;

// Delivery reports: with transactions a failed message fails the commit, which says why.
void ignore_report(rd_kafka_t*, const rd_kafka_message_t*, void*) {}

}  // namespace

SinkTraits KafkaSink::traits() const { return {.idempotent = true, .replaces = config_.upsert, .flush = config_.flush}; }

Result<std::optional<std::int64_t>> KafkaSink::open(const Marker& marker, const SchemaPtr& schema) {
  marker_ = marker;
  holding_.reset();
  producer_.reset();
  PENSTOCK_TRY(choose_columns(*schema));
  PENSTOCK_TRY(make_producer());
  // First this: it ends what a former producer of this sink left open, and only then the marker says the truth.
  if (rd_kafka_error_t* error = rd_kafka_init_transactions(producer_.get(), kTransactionMs)) return error_of(error, "opening transactions for " + config_.topic);
  PENSTOCK_ASSIGN(const auto held, read_marker(config_.properties, marker_, config_.topic));
  if (held && held->epoch > 0) holding_ = {held->state_id, held->epoch, held->progress};
  if (held && held->state_id == marker_.state_id) return std::optional<std::int64_t>(held->epoch);
  if (holding_ && !config_.take_over && !marker_.take_over)
    return Error(ErrorKind::failed_precondition,
                 "topic " + config_.topic + " was written up to epoch " + std::to_string(held->epoch) + " by another state of stream " + marker_.stream,
                 "take over from its position (take_over: true), or choose another topic", config_.topic);
  if (!held && marker_.in_doubt && !config_.take_over)
    return Error(ErrorKind::failed_precondition,
                 "the marker of topic " + config_.topic + " (group " + marker_group(marker_) + ") is gone, so nobody knows whether the last epoch that was sent to it is there",
                 "compare the end of the topic with the rows that wait; take_over: true sends them again, another topic leaves it as it is", config_.topic);
  PENSTOCK_TRY(mark_as_empty());
  return std::optional<std::int64_t>();
}

// From the first open on a missing marker means that it was lost, not that nothing was sent yet.
Status KafkaSink::mark_as_empty() {
  if (rd_kafka_error_t* error = rd_kafka_begin_transaction(producer_.get())) return error_of(error, "beginning a transaction");
  if (const Status marked = add_marker(producer_, marker_, config_.topic, 0, ""); !marked.ok()) return aborted(marked.error());
  return commit(0);
}

Status KafkaSink::choose_columns(const Schema& schema) {
  value_columns_.clear();
  key_columns_.clear();
  changes_.reset();
  op_column_ = schema.find(change::op);
  dead_letters_ = are_dead_letters(schema);
  if (config_.debezium && !dead_letters_) {
    PENSTOCK_ASSIGN(changes_, DebeziumWriter::make(schema, *config_.debezium));
    return {};
  }
  if (op_column_ && !config_.upsert)
    return Error(ErrorKind::failed_precondition, "topic " + config_.topic + " would get changes, which cannot be appended", "mode: upsert with the key of the step, or envelope: debezium");
  for (std::size_t i = 0; i < schema.size(); ++i)
    if (!origin::is_origin(schema[i].name) && schema[i].name != change::op) value_columns_.push_back(i);
  for (const std::string& name : config_.key) {
    const auto column = schema.find(name);
    if (!column) return Error(ErrorKind::failed_precondition, "the rows for topic " + config_.topic + " have no key column '" + name + "'");
    key_columns_.push_back(*column);
  }
  return {};
}

Status KafkaSink::make_producer() {
  Properties properties = config_.properties;
  const Properties own = {{"transactional.id", marker_group(marker_)},
                          {"enable.idempotence", "true"},
                          {"compression.type", config_.compression},
                          {"linger.ms", "5"},
                          {"transaction.timeout.ms", std::to_string(kTransactionMs)}};
  properties.insert(properties.end(), own.begin(), own.end());
  // A message that the topic would refuse fails its whole batch at the broker, so the limit is asked for and kept here.
  PENSTOCK_ASSIGN(Conf asking_conf, make_conf(config_.properties));
  PENSTOCK_ASSIGN(const Client asking, make_client(RD_KAFKA_PRODUCER, std::move(asking_conf)));
  PENSTOCK_TRY(count_partitions(asking.get(), config_.topic, kAskMs));
  PENSTOCK_ASSIGN(const std::string most, topic_message_max(asking.get()));
  if (!most.empty()) properties.emplace_back("message.max.bytes", most);
  PENSTOCK_ASSIGN(Conf conf, make_conf(properties));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), ignore_report);
  PENSTOCK_ASSIGN(producer_, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
  return {};
}

Result<std::string> KafkaSink::topic_message_max(rd_kafka_t* client) const {
  const Queue queue(rd_kafka_queue_new(client));
  rd_kafka_ConfigResource_t* topic = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, config_.topic.c_str());
  rd_kafka_DescribeConfigs(client, &topic, 1, nullptr, queue.get());
  rd_kafka_ConfigResource_destroy(topic);
  const Event event(rd_kafka_queue_poll(queue.get(), kAskMs));
  if (!event || rd_kafka_event_error(event.get())) return std::string();      // not allowed to ask: librdkafka's default holds
  std::size_t resources = 0, entries = 0;
  const auto** described = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &resources);
  if (resources != 1) return std::string();
  const auto** configs = rd_kafka_ConfigResource_configs(described[0], &entries);
  for (std::size_t i = 0; i < entries; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(configs[i]);
    if (value && std::string_view(rd_kafka_ConfigEntry_name(configs[i])) == "max.message.bytes") return std::string(value);
  }
  return std::string();
}

Status KafkaSink::deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) {
  if (!producer_) return Error(ErrorKind::unavailable, name() + " must be opened again: the outcome of its last transaction is unknown");
  crash_point("kafka.before_begin");
  if (rd_kafka_error_t* error = rd_kafka_begin_transaction(producer_.get())) return error_of(error, "beginning a transaction");
  std::vector<RefusedRow> rejects;
  if (const Status produced = produce(epochs, rejects, cancellation); !produced.ok()) return aborted(produced.error());
  crash_point("kafka.after_produce");
  if (!rejects.empty())
    if (const Status recorded = record_rejects(rejects); !recorded.ok()) return aborted(recorded.error());
  if (const Status marked = add_marker(producer_, marker_, config_.topic, epochs.back().epoch, epochs.back().progress); !marked.ok()) return aborted(marked.error());
  crash_point("kafka.after_marker");
  PENSTOCK_TRY(commit(epochs.back().epoch));
  crash_point("kafka.after_commit");
  return {};
}

Status KafkaSink::produce(const std::vector<SinkEpoch>& epochs, std::vector<RefusedRow>& rejects, const Cancellation& cancellation) {
  std::string reject;
  for (const SinkEpoch& epoch : epochs) {
    std::int64_t row_in_epoch = 0;
    for (const Batch& rows : epoch.rows) {
      for (std::int64_t row = 0; row < rows.rows(); ++row, ++row_in_epoch) {
        if ((row & 1023) == 0 && cancellation.stop_requested()) return Error(ErrorKind::cancelled, name() + ": asked to stop");
        reject.clear();
        PENSTOCK_TRY(dead_letters_ ? produce_dead_letter(rows, row, reject) : produce_row(rows, row, reject));
        if (!reject.empty()) rejects.push_back({epoch.epoch, row_in_epoch, reject});
      }
      rd_kafka_poll(producer_.get(), 0);
    }
  }
  if (const auto code = rd_kafka_flush(producer_.get(), kTransactionMs)) return error_of(code, "sending to " + config_.topic);
  return {};
}

Status KafkaSink::produce_row(const Batch& rows, std::int64_t row, std::string& reject) {
  if (changes_) return produce_change(rows, row, reject);
  key_.clear();
  value_.clear();
  if (key_columns_.size() == 1) {
    key_ = rows.column(key_columns_.front()).to_text(row);
  } else if (!key_columns_.empty()) {
    append_row_json(rows, row, key_columns_, key_);
  }
  const bool is_delete = op_column_ && rows.column(*op_column_).to_text(row) == change::remove;
  if (!is_delete) append_row_json(rows, row, value_columns_, value_);
  return send(!key_columns_.empty(), is_delete, nullptr, reject);
}

// Rows that are no changes are each new.
Status KafkaSink::produce_change(const Batch& rows, std::int64_t row, std::string& reject) {
  key_.clear();
  value_.clear();
  const std::string op = op_column_ ? rows.column(*op_column_).to_text(row) : std::string(change::create);
  changes_->append_key(rows, row, key_);
  changes_->append_value(rows, row, op, to_micros(config_.clock->now()), value_);
  PENSTOCK_TRY(send(true, false, nullptr, reject));
  // By it Kafka's compaction forgets the key.
  if (op != change::remove || !reject.empty()) return {};
  value_.clear();
  return send(true, true, nullptr, reject);
}

Status KafkaSink::produce_dead_letter(const Batch& rows, std::int64_t row, std::string& reject) {
  const DeadLetterMessage message = dead_letter_message(rows, row, marker_.stream, marker_.shard);
  key_ = message.key.value_or("");
  value_ = message.value.value_or("");
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const auto& [name, value] : message.headers)
    rd_kafka_header_add(headers, name.c_str(), -1, value ? value->data() : nullptr, value ? static_cast<ssize_t>(value->size()) : 0);
  return send(message.key.has_value(), !message.value, headers, reject);
}

Status KafkaSink::send(bool has_key, bool null_value, rd_kafka_headers_t* given, std::string& reject) {
  using Headers = std::unique_ptr<rd_kafka_headers_t, decltype(&rd_kafka_headers_destroy)>;
  Headers headers(given, rd_kafka_headers_destroy);
  void* key = has_key ? key_.data() : nullptr;
  void* value = null_value ? nullptr : value_.data();
  for (;;) {
    const auto code = rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(config_.topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                        RD_KAFKA_V_KEY(key, key_.size()), RD_KAFKA_V_VALUE(value, value_.size()), RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      static_cast<void>(headers.release());      // they are the message's now
      return {};
    }
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      reject = "the message of " + std::to_string(value_.size()) + " bytes is larger than topic " + config_.topic + " takes: " + rd_kafka_err2str(code);
      return {};
    }
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return error_of(code, "sending to " + config_.topic);
    rd_kafka_poll(producer_.get(), 50);
  }
}

Status KafkaSink::commit(std::int64_t epoch) {
  for (;;) {
    rd_kafka_error_t* error = rd_kafka_commit_transaction(producer_.get(), kTransactionMs);
    if (!error) return {};
    if (rd_kafka_error_is_retriable(error)) {
      rd_kafka_error_destroy(error);
      continue;
    }
    const bool must_abort = rd_kafka_error_txn_requires_abort(error) != 0;
    const Error cause = error_of(error, "committing epoch " + std::to_string(epoch) + " to " + config_.topic);
    // Not abortable: the outcome is unknown until the sink is opened again.
    if (must_abort) return aborted(cause);
    producer_.reset();
    return cause;
  }
}

// Nothing of the transaction becomes visible; the sink is to be opened again when even that fails.
Error KafkaSink::aborted(Error cause) {
  if (cause.kind == ErrorKind::deadline_exceeded) {      // it may be in use still; the next one aborts what it has begun
    producer_.reset();
    return cause;
  }
  if (rd_kafka_error_t* error = rd_kafka_abort_transaction(producer_.get(), kTransactionMs)) {
    rd_kafka_error_destroy(error);
    producer_.reset();
  }
  return cause;
}

}  // namespace penstock::kafka
