#pragma once

#include <compare>
#include <cstdint>
#include <map>

namespace penstock {

// One record of a source: `offset` is Kafka's offset, a line's byte position in a file, a version of a table, …
struct Position {
  std::int32_t partition = 0;
  std::int64_t offset = 0;

  auto operator<=>(const Position&) const = default;
};

// The shard, of so many, to which a partition's rows belong.
constexpr std::int32_t shard_of(std::int32_t partition, std::int32_t shards) { return shards > 1 ? partition % shards : 0; }

// Per partition the next offset to read: everything below it has been taken.
using Positions = std::map<std::int32_t, std::int64_t>;

}  // namespace penstock
