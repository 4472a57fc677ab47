#pragma once

// librdkafka's C handles as values that clean up after themselves, and its errors as ours.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "base/result.h"
#include "connectors/kafka/connection_properties.h"

namespace penstock::kafka {

// What a client has to say beside the answers to its calls, which only tell that nobody has answered. Belongs to the client.
class ClientNotes {
 public:
  // Why the brokers do not let it in: who it is, or how it wants to speak; empty: no broker has said no.
  std::string refusal() const {
    std::lock_guard lock(mutex_);
    return refusal_;
  }
  void refused(std::string reason) {
    std::lock_guard lock(mutex_);
    refusal_ = std::move(reason);
  }

  // librdkafka's error callback, on the thread that polls the client. Set before the client is polled.
  std::function<void(rd_kafka_resp_err_t code, const char* reason)> error;

 private:
  mutable std::mutex mutex_;
  std::string refusal_;
};

// With its notes. A consumer that has partitions of a topic which was deleted may never end in librdkafka: after some seconds it is
// left behind.
void destroy_client(rd_kafka_t* client);
struct ClientDeleter {
  void operator()(rd_kafka_t* client) const { destroy_client(client); }
};
struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
struct ListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
struct QueueDeleter {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct EventDeleter {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};

using Client = std::unique_ptr<rd_kafka_t, ClientDeleter>;
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;
using Queue = std::unique_ptr<rd_kafka_queue_t, QueueDeleter>;
using Event = std::unique_ptr<rd_kafka_event_t, EventDeleter>;

// Error: invalid_argument naming the property.
Result<Conf> make_conf(const Properties& properties);
// Takes over `conf`, and sets its opaque and its callbacks for logs and errors.
Result<Client> make_client(rd_kafka_type_t type, Conf conf);
ClientNotes& notes_of(const Client& client);

// What librdkafka's code means to us: `unavailable` when trying again may help.
ErrorKind kind_of(rd_kafka_resp_err_t code);
Error error_of(rd_kafka_resp_err_t code, const std::string& doing);
// Takes over `error`.
Error error_of(rd_kafka_error_t* error, const std::string& doing);

// What the brokers say of one topic, or of all where `topic` is null. Errors: unauthenticated, as soon as the brokers have said no;
// unavailable; others as they say.
Result<Metadata> ask_metadata(rd_kafka_t* client, rd_kafka_topic_t* topic, int timeout_ms);

// The number of partitions of a topic. Errors: not_found for a topic that there is not; unavailable.
Result<std::int32_t> count_partitions(rd_kafka_t* client, const std::string& topic, int timeout_ms);

}  // namespace penstock::kafka
