#include "connectors/kafka/sink_marker.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <future>
#include <thread>

namespace penstock::kafka {
namespace {

constexpr int kTimeoutMs = 30'000;
constexpr std::chrono::seconds kPatience{35};
constexpr std::size_t kMostMetadata = 4'000;

struct GroupDeleter {
  void operator()(rd_kafka_consumer_group_metadata_t* group) const { rd_kafka_consumer_group_metadata_destroy(group); }
};

// A broker that has just started, or takes a group over from another one, does not answer for it yet.
bool coordinator_moves(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE || code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
}
constexpr std::chrono::milliseconds kMoves{200};

using Group = std::unique_ptr<rd_kafka_consumer_group_metadata_t, GroupDeleter>;

}  // namespace

std::string marker_group(const Marker& marker) {
  return "penstock-sink-" + marker.stream + "-" + marker.sink + "-" + std::to_string(marker.shard);
}

Result<std::optional<CommittedMarker>> read_marker(const Properties& connection, const Marker& marker, const std::string& topic) {
  Properties properties = connection;
  properties.emplace_back("group.id", marker_group(marker));
  properties.emplace_back("enable.auto.commit", "false");
  // So that the broker answers only once no transaction is open on the group.
  properties.emplace_back("isolation.level", "read_committed");
  PENSTOCK_ASSIGN(Conf conf, make_conf(properties));
  PENSTOCK_ASSIGN(const Client client, make_client(RD_KAFKA_CONSUMER, std::move(conf)));
  const List list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kTimeoutMs);
  auto code = rd_kafka_committed(client.get(), list.get(), kTimeoutMs);
  while (coordinator_moves(code) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kMoves);
    code = rd_kafka_committed(client.get(), list.get(), kTimeoutMs);
  }
  if (code) return error_of(code, "reading the marker of " + marker_group(marker));
  const rd_kafka_topic_partition_t& found = list->elems[0];
  if (found.err) return error_of(found.err, "reading the marker of " + marker_group(marker));
  if (found.offset < 0) return std::optional<CommittedMarker>();
  const std::string_view metadata(static_cast<const char*>(found.metadata), found.metadata_size);
  const auto line = metadata.find('\n');
  CommittedMarker marked{found.offset, std::string(metadata.substr(0, line)), {}};
  if (line != std::string_view::npos) marked.progress = metadata.substr(line + 1);
  return std::optional(std::move(marked));
}

Status add_marker(const std::shared_ptr<rd_kafka_t>& producer, const Marker& marker, const std::string& topic, std::int64_t epoch,
                  const std::string& progress) {
  List list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* added = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0);
  added->offset = epoch;
  std::string metadata = marker.state_id;
  if (!progress.empty() && metadata.size() + 1 + progress.size() <= kMostMetadata) metadata += "\n" + progress;
  // librdkafka frees it with the list.
  added->metadata = std::malloc(metadata.size());
  if (added->metadata) {
    std::memcpy(added->metadata, metadata.data(), metadata.size());
    added->metadata_size = metadata.size();
  }
  Group group(rd_kafka_consumer_group_metadata_new(marker_group(marker).c_str()));
  // librdkafka does not look at the time that it is given here (its issue 5456): where it misses that the coordinator is there, the
  // call does not come back. Then it is left behind, with its producer.
  std::promise<rd_kafka_error_t*> said;
  auto answer = said.get_future();
  std::thread call([producer, list = std::move(list), group = std::move(group), said = std::move(said)]() mutable {
    said.set_value(rd_kafka_send_offsets_to_transaction(producer.get(), list.get(), group.get(), kTimeoutMs));
  });
  if (answer.wait_for(kPatience) != std::future_status::ready) {
    call.detach();
    return Error(ErrorKind::deadline_exceeded, "the coordinator of the group " + marker_group(marker) + " did not take the marker in time", "it is tried again by another producer");
  }
  call.join();
  if (rd_kafka_error_t* error = answer.get()) return error_of(error, "adding the marker to the transaction");
  return {};
}

}  // namespace penstock::kafka
