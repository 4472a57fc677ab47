#include "connectors/kafka/topic_partitions.h"

#include <cstdint>

#include "record/position.h"

namespace penstock::kafka {
namespace {

// So many topics can have a block of numbers each below 2^31.
constexpr std::uint64_t kTopics = 1'278'264;

// FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/. It is written to positions, so it must never change.
std::uint64_t hash_of(const std::string& name) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 1'099'511'628'211U;
  return hash;
}

}  // namespace

Result<TopicPartitions> TopicPartitions::make(const std::string& topic) {
  TopicPartitions partitions;
  partitions.topic_ = topic;
  partitions.is_pattern_ = topic.starts_with('^');
  if (!partitions.is_pattern_) return partitions;
  try {
    partitions.pattern_ = std::regex(topic, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& error) {
    return Error(ErrorKind::invalid_argument, "'topic' begins with ^, and is no regular expression: " + std::string(error.what()));
  }
  return partitions;
}

std::int32_t TopicPartitions::base_of(const std::string& topic) const {
  return is_pattern_ ? static_cast<std::int32_t>(hash_of(topic) % kTopics) * kPartitionsOfATopic : 0;
}

Status TopicPartitions::add(const std::string& topic, std::int32_t partitions) {
  if (is_pattern_ && partitions > kPartitionsOfATopic)
    return Error(ErrorKind::unsupported, "topic " + topic + " has " + std::to_string(partitions) + " partitions; of a topic that a pattern matches at most " +
                                             std::to_string(kPartitionsOfATopic) + " are read", "read it by a source of its own, by its name", topic);
  const std::int32_t base = base_of(topic);
  if (const auto other = seen_.find(base); other != seen_.end() && other->second.topic != topic)
    return Error(ErrorKind::failed_precondition, "topics " + other->second.topic + " and " + topic + " have the same number among all topics",
                 "read one of them by a source of its own, and leave it out of the pattern", topic);
  for (std::int32_t partition = 0; partition < partitions; ++partition) found_[base + partition] = seen_[base + partition] = {topic, partition};
  return {};
}

Status TopicPartitions::look(rd_kafka_t* client, int timeout_ms) {
  if (!is_pattern_) {
    PENSTOCK_ASSIGN(const std::int32_t count, count_partitions(client, topic_, timeout_ms));
    found_.clear();
    return add(topic_, count);
  }
  PENSTOCK_ASSIGN(const Metadata metadata, ask_metadata(client, nullptr, timeout_ms));
  found_.clear();
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic& topic = metadata->topics[i];
    const std::string name = topic.topic;
    if (topic.err || name.starts_with("__") || !std::regex_search(name, pattern_)) continue;
    PENSTOCK_TRY(add(name, topic.partition_cnt));
  }
  return {};
}

const TopicPartitions::Place* TopicPartitions::place_of(std::int32_t number) const {
  const auto found = seen_.find(number);
  return found == seen_.end() ? nullptr : &found->second;
}

std::string TopicPartitions::name_of(std::int32_t number) const {
  const Place* place = place_of(number);
  const Place own{topic_, number};
  if (!place) place = &own;
  return place->topic + "[" + std::to_string(place->partition) + "]";
}

}  // namespace penstock::kafka
