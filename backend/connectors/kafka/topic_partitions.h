#pragma once

// Which partitions a source reads, each under the number that stands for it in positions: of one topic its own, of all topics
// whose names match a pattern one that its topic's name and its own number give. So it is the same in every shard and after every
// start, whichever topics there are beside it.

#include <map>
#include <regex>
#include <string>

#include "connectors/kafka/kafka_client.h"

namespace penstock::kafka {

// Not thread-safe.
class TopicPartitions {
 public:
  struct Place {
    std::string topic;
    std::int32_t partition = 0;
  };

  // A name; or a pattern, which begins with ^: an ECMAScript regular expression, looked for in names of topics. Topics that begin
  // with "__" are Kafka's own and never match. Error: invalid_argument saying what is wrong with the pattern.
  static Result<TopicPartitions> make(const std::string& topic);

  bool is_pattern() const { return is_pattern_; }
  // Asks which there are now. Errors: not_found where the one topic is not there (a pattern may match none); unsupported,
  // failed_precondition where matching topics cannot be numbered; unavailable.
  Status look(rd_kafka_t* client, int timeout_ms);
  // What the last look() found, by number.
  const std::map<std::int32_t, Place>& found() const { return found_; }

  // The number of partition 0; the others follow it.
  std::int32_t base_of(const std::string& topic) const;
  // "pos.sales[3]", also of one that is not there any more, where it was seen before.
  std::string name_of(std::int32_t number) const;
  // Null: it was never seen.
  const Place* place_of(std::int32_t number) const;

 private:
  Status add(const std::string& topic, std::int32_t partitions);

  std::string topic_;
  bool is_pattern_ = false;
  std::regex pattern_;
  std::map<std::int32_t, Place> found_;
  std::map<std::int32_t, Place> seen_;         // found_, and what was found before
};

}  // namespace penstock::kafka
