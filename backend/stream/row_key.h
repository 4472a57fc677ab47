#pragma once

// The key of a row as 128 bits: what remembers rows by their key remembers this of it.

#include <cstdint>
#include <optional>
#include <vector>

#include "record/batch.h"

namespace penstock {

struct KeyHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const KeyHash&) const = default;
  template <typename H>
  friend H AbslHashValue(H state, const KeyHash& hash) {
    return H::combine(std::move(state), hash.low);
  }
};

// Whether NULL makes a row one without a key, or is a value like any other, as GROUP BY has it.
enum class NullKey { is_none, is_a_value };

// Of each row, over these of its columns; none where one of them is NULL and that is no key. Whole numbers have the same key whatever their
// width, so that INTEGER and BIGINT match.
std::vector<std::optional<KeyHash>> key_hashes(const Batch& rows, const std::vector<std::size_t>& columns, NullKey null = NullKey::is_none);

}  // namespace penstock
