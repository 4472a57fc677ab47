#include "stream/row_key.h"

#include <xxhash.h>

#include <string>

#include "record/key_bytes.h"

namespace penstock {
std::vector<std::optional<KeyHash>> key_hashes(const Batch& rows, const std::vector<std::size_t>& columns, NullKey null) {
  std::vector<ColumnView> views;
  for (const std::size_t column : columns) views.push_back(rows.column(column));
  std::vector<std::optional<KeyHash>> hashes(static_cast<std::size_t>(rows.rows()));
  std::string bytes;
  for (std::size_t row = 0; row < hashes.size(); ++row) {
    bytes.clear();
    if (!append_key_bytes(views, static_cast<std::int64_t>(row), bytes) && null == NullKey::is_none) continue;
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    hashes[row] = KeyHash{hash.low64, hash.high64};
  }
  return hashes;
}

}  // namespace penstock
