#pragma once

// `about.json` of a savepoint: what it is a copy of. Thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

struct SavepointManifest {
  std::int64_t made_at = 0;        // micros
  std::int64_t version = 0;        // of the workspace that was applied then
  std::int64_t rows_in = 0;        // how many the pipeline had taken
  std::int32_t shards = 0;

  bool operator==(const SavepointManifest&) const = default;
  std::string to_text() const;
  // Nothing where it is cut, or was written by somebody else.
  static std::optional<SavepointManifest> parse(std::string_view text);
};

}  // namespace penstock
