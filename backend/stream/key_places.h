#pragma once

// Which partition the keys of a stream lie in. Shards share no state, so a key that its source spreads over two partitions,
// against the declared `partitioned_by`, would be counted by two shards, each with a part of its rows.

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "stream/row_key.h"

namespace penstock {

// Thread-safe: the shards of a stream that are in one pod share it.
//
// Remembers at most kMostKeys keys (about 3 MB). Of more, it remembers those whose hash is lowest, so that what it looks at is
// looked at in every partition: a source that is not divided as declared is found all the same, a single key that strays in a
// source of millions perhaps not. It sees neither what came before the pod began to run the stream, nor the shards in other pods.
class KeyPlaces {
 public:
  static constexpr std::size_t kMostKeys = 65'536;

  struct Stray {
    std::int64_t row = 0;            // of the rows that were looked at
    std::int32_t before = 0;         // the partition that its key was in
  };
  // The first row whose key was seen in another partition before. `keys`: of each row, with its source; `partitions`: of each row.
  std::optional<Stray> note(const std::vector<std::optional<KeyHash>>& keys, const std::vector<std::int32_t>& partitions);

  // A key strays, so that no shard goes on; the first error stays.
  void stop(const Error& error);
  std::optional<Error> stopped() const;
  // Somebody has looked at it, and has the stream go on: from now on it counts where keys are seen then.
  void forget_all();

 private:
  void forget_some();

  mutable std::mutex mutex_;
  std::optional<Error> stopped_;
  absl::flat_hash_map<KeyHash, std::int32_t> places_;
  std::uint64_t below_ = std::numeric_limits<std::uint64_t>::max();      // keys with such a high half are looked at
};

}  // namespace penstock
