#pragma once

#include <memory>
#include <optional>
#include <string>

#include "connectors/kafka/kafka_client.h"
#include "io/sink.h"

namespace penstock::kafka {

// Where a Kafka sink keeps its last epoch: the committed offset of partition 0 of its topic, in a consumer group that
// nobody joins; the offset's metadata is the id of the state that wrote it, then a line end and the epoch's progress
// where the broker takes so much (offset.metadata.max.bytes, 4096 unless it says otherwise).
std::string marker_group(const Marker& marker);

struct CommittedMarker {
  std::int64_t epoch = 0;
  std::string state_id;
  std::string progress;
};

// None when the group has no offset. Waits for transactions that are being decided. Error: unavailable.
Result<std::optional<CommittedMarker>> read_marker(const Properties& connection, const Marker& marker, const std::string& topic);

// Adds the marker to the producer's open transaction. Error: deadline_exceeded where the group's coordinator did not answer; the
// producer may then be in use for good, and only another one of its transactional id can go on.
Status add_marker(const std::shared_ptr<rd_kafka_t>& producer, const Marker& marker, const std::string& topic, std::int64_t epoch,
                  const std::string& progress);

}  // namespace penstock::kafka
