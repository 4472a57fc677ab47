#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_client.h"
#include "io/source.h"

namespace penstock::kafka {

struct KafkaSourceConfig {
  Properties properties;                    // of the connection
  std::string topic;
  std::string group;                        // only to commit to, so that others see the lag
  bool from_latest = false;                 // where a first start begins
  std::int64_t message_max_bytes = 16 << 20;
  std::int64_t queue_bytes = 64 << 20;      // what librdkafka may fetch ahead
};

// The partitions of a topic, assigned, never subscribed; only committed messages (read_committed). A position that
// the broker does not hold any more, or not yet, is data_loss naming it: nothing is ever skipped silently. A message
// larger than `message_max` gives a record with its first 64 KiB that is damaged (cut): every decoder refuses it. Headers are a JSON object: a name that repeats has a list,
// a value that is not UTF-8 is {"base64": …}.
class KafkaSource final : public Source {
 public:
  static Result<std::unique_ptr<Source>> make(KafkaSourceConfig config);
  ~KafkaSource() override;

  std::string name() const override { return config_.topic; }
  bool starts_at_head() const override { return config_.from_latest; }
  Result<std::vector<PartitionRange>> partitions() override;
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override;
  std::vector<std::int32_t> behind() const override;
  Positions reached() const override;
  void committed(const Positions& positions) override;

 private:
  struct Reader {
    std::optional<std::int64_t> next;       // behind the last record given out; none before the first
    std::optional<std::int64_t> until;
    std::optional<std::int64_t> end_seen;   // the log's end when it was last reached: transaction markers may lie before it
    bool ended = false;
  };

  explicit KafkaSource(KafkaSourceConfig config) : config_(std::move(config)) {}
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* self);

  Result<PartitionRange> ask_range(std::int32_t partition);
  Status check_positions(const std::vector<Assignment>& assignments);
  Status check_broker();
  void keep_fetching();
  // Fetches messages into pending_, waiting for the first one only.
  void fetch(const PollLimits& limits);
  Status take_pending(const PollLimits& limits, RawBatch& out);
  Status take(const rd_kafka_message_t& message, RawBatch& out);
  void drop_pending();
  bool all_ended() const;

  // Constant after make().
  KafkaSourceConfig config_;
  Client client_;
  Queue queue_;

  std::map<std::int32_t, Reader> readers_;
  std::vector<rd_kafka_message_t*> pending_;   // fetched, not given out yet; from next_pending_ on
  std::size_t next_pending_ = 0;
  std::int64_t message_bytes_ = 0;             // the mean of those fetched last
  bool was_full_ = false;                      // the client's queue, since it was last woken
  std::string broker_problem_;                 // set while no broker answers
  std::string headers_;
};

}  // namespace penstock::kafka
