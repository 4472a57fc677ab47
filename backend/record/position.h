#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

namespace penstock {

// One record of a source: `offset` is Kafka's offset, a line's byte position in a file, a version of a table, …
struct Position {
  std::int32_t partition = 0;
  std::int64_t offset = 0;

  auto operator<=>(const Position&) const = default;
};

// Of a source that reads several topics, numbers of partitions go to each of them in blocks of this size: partition p of each
// belongs to the same shard where the number of shards divides it (1 to 8, 10, 12, 14, 15, 16, 20, 21, 24, …).
inline constexpr std::int32_t kPartitionsOfATopic = 1680;

// The shard, of so many, to which a partition's rows belong.
constexpr std::int32_t shard_of(std::int32_t partition, std::int32_t shards) { return shards > 1 ? partition % shards : 0; }

// Per partition the next offset to read: everything below it has been taken.
using Positions = std::map<std::int32_t, std::int64_t>;

// Per partition what tells the last record that was taken from any other that could come to stand at its offset; the text is its
// source's own.
using Anchors = std::map<std::int32_t, std::string>;

}  // namespace penstock
