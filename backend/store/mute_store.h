#pragma once

// Expectations that somebody has decided to raise no alarm for.

#include <cstdint>
#include <string>
#include <vector>

#include "store/database.h"

namespace penstock {

struct MuteRecord {
  std::string pipeline;
  std::string step;
  std::string expectation;
  std::int64_t at = 0;          // micros
  std::string who;
  std::string why;
};

// Thread-safe. The database outlives it.
class MuteStore {
 public:
  explicit MuteStore(Database& database) : database_(database) {}

  Status put(const MuteRecord& mute);           // adds, or replaces that of the same expectation
  // False: it was not muted.
  Result<bool> remove(const std::string& pipeline, const std::string& step, const std::string& expectation);
  Result<std::vector<MuteRecord>> list() const; // oldest first

 private:
  Database& database_;
};

}  // namespace penstock
