#pragma once

// Dead letters as Kafka Connect writes them into a topic: the record as it came, with headers that begin with
// `__connect.errors.` and say what became of it (org.apache.kafka.connect.runtime.errors.DeadLetterQueueReporter, KIP-298).

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "record/batch.h"

namespace penstock::kafka {

struct DeadLetterMessage {
  std::optional<std::string> key, value;      // as they came; of a row that a sink refused, its columns as JSON
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

// Whether rows of this schema are dead letters: they say `_reason`, `_step` and `_raw`.
bool are_dead_letters(const Schema& schema);

// `row` of dead letters of this stream and shard. Its own headers come first; such of them as an earlier failure left are replaced.
DeadLetterMessage dead_letter_message(const Batch& rows, std::int64_t row, const std::string& stream, std::int32_t shard);

}  // namespace penstock::kafka
