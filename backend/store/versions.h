#pragma once

// The versions of the workspace that were applied; each can be brought back.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace penstock {

struct AppliedVersion {
  std::int64_t number = 0;      // counts from 1
  std::int64_t applied_at = 0;  // micros
  std::string who;
  std::string why;
  std::string folder;           // absolute path of the copy that pods read
  std::string digest;           // of the copy's content
};

// Thread-safe. The database outlives it.
class Versions {
 public:
  explicit Versions(Database& database) : database_(database) {}

  // Answers the number it got; `version.number` is not looked at.
  Result<std::int64_t> add(const AppliedVersion& version);
  Result<std::optional<AppliedVersion>> latest() const;
  Result<std::optional<AppliedVersion>> get(std::int64_t number) const;
  Result<std::vector<AppliedVersion>> list(std::int64_t offset, std::int32_t limit) const;   // newest first

 private:
  Database& database_;
};

}  // namespace penstock
