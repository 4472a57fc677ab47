#pragma once

// What a test does with a broker beside Penstock, by librdkafka alone.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace penstock::test {

struct TopicMessage {
  int partition = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::int64_t timestamp_millis = 0;

  bool operator==(const TopicMessage&) const = default;
};

class KafkaTopic {
 public:
  using Properties = std::map<std::string, std::string>;
  using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

  // `security`: what the broker wants to know of who asks, in librdkafka's names.
  KafkaTopic(std::string brokers, std::string name, Properties security = {}) : brokers_(std::move(brokers)), name_(std::move(name)), security_(std::move(security)) {}

  // Each of these gives what went wrong, or "".
  std::string create(int partitions, const Properties& configuration = {}) const {
    const Client client = make(RD_KAFKA_PRODUCER, {});
    char reason[256];
    rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name_.c_str(), partitions, 1, reason, sizeof reason);
    for (const auto& [key, value] : configuration) rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
    rd_kafka_CreateTopics(client.get(), &topic, 1, nullptr, queue);
    rd_kafka_NewTopic_destroy(topic);
    const std::string result = wait_for(queue, [](rd_kafka_event_t* event) {
      std::size_t count = 0;
      const auto** topics = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
      const bool wrong = count == 1 && rd_kafka_topic_result_error(topics[0]);
      return std::string(wrong ? rd_kafka_topic_result_error_string(topics[0]) : "");
    });
    return result;
  }

  std::string remove() const {
    const Client client = make(RD_KAFKA_PRODUCER, {});
    rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(name_.c_str());
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
    rd_kafka_DeleteTopics(client.get(), &topic, 1, nullptr, queue);
    rd_kafka_DeleteTopic_destroy(topic);
    return wait_for(queue, [](rd_kafka_event_t* event) {
      std::size_t count = 0;
      const auto** topics = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
      const bool wrong = count == 1 && rd_kafka_topic_result_error(topics[0]);
      return std::string(wrong ? rd_kafka_topic_result_error_string(topics[0]) : "");
    });
  }
  // Deletes the topic, and makes another one under its name.
  std::string make_anew(int partitions) const {
    if (std::string wrong = remove(); !wrong.empty()) return wrong;
    std::string wrong = "Topic 'x' already exists.";      // for a moment it does
    for (int i = 0; i < 600 && wrong.find("already exists") != std::string::npos; ++i) wrong = create(partitions);
    return wrong;
  }
  // To so many partitions in all.
  std::string grow(int partitions) const {
    const Client client = make(RD_KAFKA_PRODUCER, {});
    char reason[256];
    rd_kafka_NewPartitions_t* more = rd_kafka_NewPartitions_new(name_.c_str(), static_cast<std::size_t>(partitions), reason, sizeof reason);
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
    rd_kafka_CreatePartitions(client.get(), &more, 1, nullptr, queue);
    rd_kafka_NewPartitions_destroy(more);
    return wait_for(queue, [](rd_kafka_event_t* event) {
      std::size_t count = 0;
      const auto** topics = rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event), &count);
      const bool wrong = count == 1 && rd_kafka_topic_result_error(topics[0]);
      return std::string(wrong ? rd_kafka_topic_result_error_string(topics[0]) : "");
    });
  }

  // Removes the records of a partition before `offset`.
  std::string delete_before(int partition, std::int64_t offset) const {
    const Client client = make(RD_KAFKA_PRODUCER, {});
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, name_.c_str(), partition)->offset = offset;
    rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
    rd_kafka_DeleteRecords(client.get(), &request, 1, nullptr, queue);
    rd_kafka_DeleteRecords_destroy(request);
    return wait_for(queue, [](rd_kafka_event_t*) { return std::string(); });
  }

  enum class Transaction { none, commit, abort };

  std::string produce(const std::vector<TopicMessage>& messages, Transaction transaction = Transaction::none) const {
    Properties properties = {{"linger.ms", "0"}, {"message.max.bytes", "200000000"}};
    if (transaction != Transaction::none) properties["transactional.id"] = "test-" + name_;
    const Client client = make(RD_KAFKA_PRODUCER, properties);
    if (transaction != Transaction::none) {
      if (std::string wrong = text_of(rd_kafka_init_transactions(client.get(), 60'000)); !wrong.empty()) return wrong;
      if (std::string wrong = text_of(rd_kafka_begin_transaction(client.get())); !wrong.empty()) return wrong;
    }
    for (const TopicMessage& message : messages) {
      rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
      for (const auto& [name, value] : message.headers)
        rd_kafka_header_add(headers, name.c_str(), -1, value.data(), static_cast<ssize_t>(value.size()));
      const auto code = rd_kafka_producev(
          client.get(), RD_KAFKA_V_TOPIC(name_.c_str()), RD_KAFKA_V_PARTITION(message.partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_KEY(bytes_of(message.key), size_of(message.key)), RD_KAFKA_V_VALUE(bytes_of(message.value), size_of(message.value)),
          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_TIMESTAMP(message.timestamp_millis), RD_KAFKA_V_END);
      if (code) return rd_kafka_err2str(code);
    }
    if (const auto code = rd_kafka_flush(client.get(), 60'000)) return rd_kafka_err2str(code);
    if (transaction == Transaction::commit) return text_of(rd_kafka_commit_transaction(client.get(), 60'000));
    if (transaction == Transaction::abort) return text_of(rd_kafka_abort_transaction(client.get(), 60'000));
    return {};
  }

  // Every committed message of the partitions 0 … partitions − 1, in order within each.
  std::vector<TopicMessage> read_all(int partitions) const {
    const Client client = make(RD_KAFKA_CONSUMER, {{"group.id", "test-reader"}, {"isolation.level", "read_committed"}, {"enable.partition.eof", "true"},
                                                   {"auto.offset.reset", "earliest"}, {"enable.auto.commit", "false"}});
    rd_kafka_poll_set_consumer(client.get());
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
    for (int partition = 0; partition < partitions; ++partition)
      rd_kafka_topic_partition_list_add(list, name_.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(client.get(), list);
    rd_kafka_topic_partition_list_destroy(list);
    std::vector<TopicMessage> messages;
    for (int at_end = 0; at_end < partitions;) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(client.get(), 60'000);
      if (!message) break;
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        // A transaction may be committed before its mark has come to the partition: it ends where there is nothing behind.
        std::int64_t low = 0, high = 0;
        const auto code = rd_kafka_get_watermark_offsets(client.get(), name_.c_str(), message->partition, &low, &high);
        at_end += code != RD_KAFKA_RESP_ERR_NO_ERROR || message->offset >= high;
      } else if (!message->err) {
        const auto text = [](const void* bytes, std::size_t size) {
          return bytes ? std::optional(std::string(static_cast<const char*>(bytes), size)) : std::nullopt;
        };
        messages.push_back({.partition = message->partition, .key = text(message->key, message->key_len), .value = text(message->payload, message->len)});
        rd_kafka_headers_t* headers = nullptr;
        if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
          const char* name = nullptr;
          const void* bytes = nullptr;
          std::size_t size = 0;
          for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &bytes, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
            messages.back().headers.emplace_back(name, text(bytes, size).value_or("(null)"));
        }
      }
      rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(client.get());
    return messages;
  }

  // What a group has committed for a partition; -1: nothing.
  std::int64_t committed(const std::string& group, int partition) const {
    const Client client = make(RD_KAFKA_CONSUMER, {{"group.id", group}});
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, name_.c_str(), partition);
    const auto code = rd_kafka_committed(client.get(), list, 30'000);
    const std::int64_t offset = code || list->elems[0].offset < 0 ? -1 : list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return offset;
  }

  // To send with by hand.
  Client make_producer(const Properties& properties) const { return make(RD_KAFKA_PRODUCER, properties); }

  std::string delete_group(const std::string& group) const {
    const Client client = make(RD_KAFKA_PRODUCER, {});
    rd_kafka_DeleteGroup_t* request = rd_kafka_DeleteGroup_new(group.c_str());
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
    rd_kafka_DeleteGroups(client.get(), &request, 1, nullptr, queue);
    rd_kafka_DeleteGroup_destroy(request);
    return wait_for(queue, [](rd_kafka_event_t* event) {
      std::size_t count = 0;
      const auto** groups = rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
      const rd_kafka_error_t* wrong = count == 1 ? rd_kafka_group_result_error(groups[0]) : nullptr;
      return std::string(wrong ? rd_kafka_error_string(wrong) : "");
    });
  }

  const std::string& name() const { return name_; }

 private:
  Client make(rd_kafka_type_t type, const Properties& properties) const {
    char reason[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers_.c_str(), reason, sizeof reason);
    rd_kafka_conf_set(conf, "log_level", "0", reason, sizeof reason);
    for (const auto* some : {&security_, &properties})
      for (const auto& [name, value] : *some) rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason, sizeof reason);
    return {rd_kafka_new(type, conf, reason, sizeof reason), rd_kafka_destroy};
  }

  static void* bytes_of(const std::optional<std::string>& text) { return text ? const_cast<char*>(text->data()) : nullptr; }
  static std::size_t size_of(const std::optional<std::string>& text) { return text ? text->size() : 0; }

  static std::string text_of(rd_kafka_error_t* error) {
    if (!error) return {};
    std::string text = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    return text;
  }

  template <typename Read>
  static std::string wait_for(rd_kafka_queue_t* queue, Read read) {
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 60'000);
    std::string result = "no answer";
    if (event) {
      result = rd_kafka_event_error(event) ? rd_kafka_event_error_string(event) : read(event);
      rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    return result;
  }

  std::string brokers_;
  std::string name_;
  Properties security_;
};

}  // namespace penstock::test
