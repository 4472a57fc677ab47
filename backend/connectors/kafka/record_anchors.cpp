#include "connectors/kafka/record_anchors.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>

#include "base/clock.h"

namespace penstock::kafka {
namespace {

constexpr int kAskMs = 5'000;
constexpr int kPollMs = 100;
constexpr std::chrono::seconds kPatience{10};

struct MessageDeleter {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Message = std::unique_ptr<rd_kafka_message_t, MessageDeleter>;

std::string sent_at(std::int64_t millis) { return to_iso8601(from_micros(millis * 1000)); }

// Empty: it is as it was, or nothing tells.
std::string difference(const RecordAnchor& last, const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
    return message.offset > last.offset ? "" : "position " + std::to_string(last.offset) + " was read, and it ends at " + std::to_string(message.offset) + " now";
  const RecordAnchor now = anchor_of(message);
  if (now.offset != last.offset || now == last) return "";
  return "at position " + std::to_string(last.offset) + " was a record of " + sent_at(last.time_millis) + ", and there is another one of " + sent_at(now.time_millis) + " now";
}

}  // namespace

std::string RecordAnchor::to_text() const {
  return std::to_string(offset) + " " + std::to_string(time_millis) + " " + std::to_string(key_bytes) + " " + std::to_string(value_bytes);
}

std::optional<RecordAnchor> RecordAnchor::parse(const std::string& text) {
  RecordAnchor anchor;
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::int64_t* number : {&anchor.offset, &anchor.time_millis, &anchor.key_bytes, &anchor.value_bytes}) {
    if (at != text.data() && (at == end || *at++ != ' ')) return std::nullopt;
    const auto [rest, code] = std::from_chars(at, end, *number);
    if (code != std::errc()) return std::nullopt;
    at = rest;
  }
  return at == end && anchor.offset >= 0 ? std::optional(anchor) : std::nullopt;
}

RecordAnchor anchor_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t millis = rd_kafka_message_timestamp(&message, &kind);
  return {message.offset, kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : millis, static_cast<std::int64_t>(message.key_len), static_cast<std::int64_t>(message.len)};
}

Status check_anchors(const Properties& consumer, const std::vector<AnchoredPartition>& partitions) {
  if (partitions.empty()) return {};
  Properties properties = consumer;
  // Little is fetched: one record of each.
  const Properties own = {{"enable.auto.commit", "false"}, {"auto.offset.reset", "error"}, {"isolation.level", "read_committed"},
                          {"enable.partition.eof", "true"}, {"queued.min.messages", "1"}, {"max.partition.fetch.bytes", "4096"}, {"receive.message.max.bytes", "1000000000"}};
  properties.insert(properties.end(), own.begin(), own.end());
  PENSTOCK_ASSIGN(Conf conf, make_conf(properties));
  PENSTOCK_ASSIGN(const Client client, make_client(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(client.get());
  std::map<std::pair<std::string, std::int32_t>, RecordAnchor> waiting;
  const List list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const AnchoredPartition& one : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), one.topic.c_str(), one.partition)->offset = one.last.offset;
    waiting[{one.topic, one.partition}] = one.last;
  }
  if (const auto code = rd_kafka_assign(client.get(), list.get())) return error_of(code, "reading again what was read");
  std::string made_anew;
  Status unread;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!waiting.empty()) {
    const Message message(rd_kafka_consumer_poll(client.get(), kPollMs));
    if (!message) {
      if (std::chrono::steady_clock::now() >= until) return Error(ErrorKind::unavailable, "the broker of " + waiting.begin()->first.first + " does not answer");
      continue;
    }
    if (!message->rkt) continue;      // of no topic: a broker that does not answer now
    const std::string topic = rd_kafka_topic_name(message->rkt);
    const auto found = waiting.find({topic, message->partition});
    if (found == waiting.end()) continue;
    const bool is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    std::string different;
    if (!message->err || is_end) {
      different = difference(found->second, *message);
    } else if (message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE || message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      std::int64_t earliest = 0, head = 0;
      if (const auto code = rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), message->partition, &earliest, &head, kAskMs))
        return error_of(code, "asking where " + topic + "[" + std::to_string(message->partition) + "] begins and ends");
      if (found->second.offset >= head)
        different = "position " + std::to_string(found->second.offset) + " was read, and it ends at " + std::to_string(head) + " now";
    } else if (kind_of(message->err) == ErrorKind::unavailable) {
      continue;
    } else {
      unread = error_of(message->err, "reading " + topic + "[" + std::to_string(message->partition) + "] again");
    }
    if (!different.empty()) made_anew += (made_anew.empty() ? "" : "; ") + topic + "[" + std::to_string(message->partition) + "]: " + different;
    waiting.erase(found);
  }
  if (made_anew.empty()) return unread;
  return Error(ErrorKind::data_loss, made_anew + ": the topic was cut or made anew", "restore the topic; or read the new one by a stream of another name");
}

}  // namespace penstock::kafka
