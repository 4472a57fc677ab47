#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/kafka/debezium_message.h"
#include "connectors/kafka/kafka_client.h"
#include "connectors/kafka/sink_marker.h"
#include "io/sink.h"

namespace penstock::kafka {

struct KafkaSinkConfig {
  Properties properties;              // of the connection
  std::string topic;
  std::vector<std::string> key;       // columns of the message key; empty: no key
  bool upsert = false;                // a row whose _op is d becomes a tombstone of its key
  std::string compression = "lz4";
  bool take_over = false;             // accept the marker of another state of the same stream
  std::chrono::milliseconds flush{0};
  std::optional<DebeziumOptions> debezium;      // changes in its envelope, a delete with a tombstone behind it; else rows as they are
  const Clock* clock = &Clock::system();
};

// Rows as JSON messages, exactly once: each delivery is one transaction that also commits, to a consumer group private
// to stream, sink and shard, the epoch as an offset (semantics.md, "Exactly once"); 0 before the first. Kafka forgets groups
// that are idle for long: a marker that is gone while an epoch is in doubt is failed_precondition. A reader with read_committed sees
// a delivery whole or not at all. Columns of origin and `_op` are left out of the value; the key is the key columns' value, or an
// object of them when there are several; with `debezium` both are Debezium's (debezium_message.h). Dead letters go as Kafka Connect's do (connect_errors.h).
class KafkaSink final : public Sink {
 public:
  explicit KafkaSink(KafkaSinkConfig config) : config_(std::move(config)) {}

  std::string name() const override { return "kafka " + config_.topic; }
  SinkTraits traits() const override;
  Result<std::optional<std::int64_t>> open(const Marker& marker, const SchemaPtr& schema) override;
  std::optional<Holding> holding() const override { return holding_; }
  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) override;

 private:
  Status mark_as_empty();
  Status choose_columns(const Schema& schema);
  Status make_producer();
  Result<std::string> topic_message_max(rd_kafka_t* client) const;
  // Produces all rows; those that are too large are listed instead.
  Status produce(const std::vector<SinkEpoch>& epochs, std::vector<RefusedRow>& rejects, const Cancellation& cancellation);
  Status produce_row(const Batch& rows, std::int64_t row, std::string& reject);
  Status produce_change(const Batch& rows, std::int64_t row, std::string& reject);
  Status produce_dead_letter(const Batch& rows, std::int64_t row, std::string& reject);
  // `null_value`: a tombstone, or a record whose value was NULL. Sends key_ and value_; takes the headers.
  Status send(bool has_key, bool null_value, rd_kafka_headers_t* headers, std::string& reject);
  Status commit(std::int64_t epoch);
  Error aborted(Error cause);

  // Constant after construction.
  KafkaSinkConfig config_;

  // Set by open().
  Marker marker_;
  std::optional<Holding> holding_;
  std::shared_ptr<rd_kafka_t> producer_;
  std::vector<std::size_t> value_columns_;
  std::vector<std::size_t> key_columns_;
  std::optional<std::size_t> op_column_;
  std::optional<DebeziumWriter> changes_;      // where rows go in Debezium's envelope
  bool dead_letters_ = false;         // rows go as the records that they were
  std::string key_, value_;           // of the row at hand
};

}  // namespace penstock::kafka
