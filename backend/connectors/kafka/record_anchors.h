#pragma once

// What tells a record from any other that may come to stand at its offset: when it was sent, and its sizes. A topic that was
// deleted and made again under its name has other records at the offsets of the old ones.

#include <optional>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_client.h"

namespace penstock::kafka {

struct RecordAnchor {
  std::int64_t offset = -1;
  std::int64_t time_millis = 0;
  std::int64_t key_bytes = 0, value_bytes = 0;

  bool operator==(const RecordAnchor&) const = default;
  std::string to_text() const;
  // None for what to_text() did not write.
  static std::optional<RecordAnchor> parse(const std::string& text);
};

RecordAnchor anchor_of(const rd_kafka_message_t& message);

struct AnchoredPartition {
  std::string topic;
  std::int32_t partition = 0;
  RecordAnchor last;
};

// Reads the records at these offsets again, with a client of its own; `consumer`: of the connection, with a group. One that is not
// held any more (retention, compaction) says nothing. Errors: data_loss naming the partitions that hold another record there, or end
// before it; else what keeps a partition from being read now (not_found, unavailable, …).
Status check_anchors(const Properties& consumer, const std::vector<AnchoredPartition>& partitions);

}  // namespace penstock::kafka
