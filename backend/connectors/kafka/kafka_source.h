#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/kafka/record_anchors.h"
#include "connectors/kafka/topic_partitions.h"
#include "io/source.h"

namespace penstock::kafka {

struct KafkaSourceConfig {
  Properties properties;                    // of the connection
  std::string topic;                        // or a pattern of names, see TopicPartitions
  std::string group;                        // only to commit to, so that others see the lag
  bool from_latest = false;                 // where a first start begins
  std::int64_t message_max_bytes = 16 << 20;
  std::int64_t queue_bytes = 64 << 20;      // what librdkafka may fetch ahead
};

// The partitions of a topic, or of all topics that match a pattern, assigned, never subscribed; only committed messages (read_committed). A position that
// the broker does not hold any more, or not yet, is data_loss naming it: nothing is ever skipped silently. A message
// larger than `message_max` gives a record with its first 64 KiB that is damaged (cut): every decoder refuses it. Headers are a
// JSON object: a name that repeats has a list, a value that is not UTF-8 is {"base64": …}; of a pattern `__topic` and `__partition`
// come first.
class KafkaSource final : public Source {
 public:
  static Result<std::unique_ptr<Source>> make(KafkaSourceConfig config);
  ~KafkaSource() override;

  std::string name() const override { return config_.topic; }
  bool starts_at_head() const override { return config_.from_latest; }
  std::string partition_name(std::int32_t partition) const override { return topics_.name_of(partition); }
  Result<std::vector<PartitionRange>> partitions() override;
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override;
  std::vector<std::int32_t> behind() const override;
  Positions reached() const override;
  Anchors anchors() const override;
  Status check(const Anchors& anchors) override;
  void committed(const Positions& positions) override;

 private:
  struct Reader {
    std::optional<std::int64_t> next;       // behind the last record given out; none before the first
    std::optional<std::int64_t> until;
    std::optional<std::int64_t> end_seen;   // the log's end when it was last reached: transaction markers may lie before it
    bool ended = false;
    RecordAnchor last;                      // given out; offset -1: none yet
  };

  KafkaSource(KafkaSourceConfig config, TopicPartitions topics) : config_(std::move(config)), topics_(std::move(topics)) {}
  void on_error(rd_kafka_resp_err_t code, const char* reason);

  Status look(int timeout_ms);
  // Appends what the number stands for; not_found for one that stands for nothing.
  Result<rd_kafka_topic_partition_t*> add_to(rd_kafka_topic_partition_list_t& list, std::int32_t number) const;
  std::int32_t number_of(const rd_kafka_message_t& message);
  Result<PartitionRange> ask_range(std::int32_t number);
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

  TopicPartitions topics_;
  std::chrono::steady_clock::time_point looked_at_;      // last, for topics
  const rd_kafka_topic_t* last_topic_ = nullptr;         // of the last message of this fetch, and its base_of()
  std::int32_t last_base_ = 0;
  std::map<std::int32_t, Reader> readers_;
  std::vector<rd_kafka_message_t*> pending_;   // fetched, not given out yet; from next_pending_ on
  std::size_t next_pending_ = 0;
  std::int64_t message_bytes_ = 0;             // the mean of those fetched last
  bool was_full_ = false;                      // the client's queue, since it was last woken
  std::string broker_problem_;                 // set while no broker answers
  std::string headers_;
};

}  // namespace penstock::kafka
