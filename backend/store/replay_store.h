#pragma once

// Replays, redrives and resets, from plan to outcome, so that a new engine goes on with those of the last.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace penstock {

struct ReplayRecord {
  std::string id;
  std::string pipeline;
  std::string kind;             // "replay", "redrive", "reset"
  std::string status;           // planned, running, paused, verifying, done, failed, cancelled
  std::int64_t rows_total = 0;
  std::int64_t rows_done = 0;
  double rate_limit = 0;        // rows/s; 0: none
  std::int64_t started_at = 0;  // micros
  std::int64_t ended_at = 0;    // micros; 0: not yet
  std::string outcome;
  std::int64_t from_time = 0;   // micros; replay only
  std::int64_t to_time = 0;
  std::string who;
  std::string why;
  std::string plan;             // the owner's own, opaque here (JSON)
};

struct ReplayPage {
  std::vector<ReplayRecord> replays;    // newest first
  std::int64_t total = 0;
};

// Thread-safe. The database outlives it.
class ReplayStore {
 public:
  explicit ReplayStore(Database& database) : database_(database) {}

  Status put(const ReplayRecord& replay);       // adds, or replaces that of the same id
  // not_found when there is none of this id.
  Status progress(const std::string& id, const std::string& status, std::int64_t rows_total, std::int64_t rows_done);
  Status end(const std::string& id, const std::string& status, std::int64_t rows_done, const std::string& outcome, std::int64_t at);
  Result<std::optional<ReplayRecord>> get(const std::string& id) const;
  Result<ReplayPage> list(std::int64_t offset, std::int32_t limit) const;
  Result<std::vector<ReplayRecord>> unfinished() const;     // planned, running, paused, verifying; oldest first

 private:
  Database& database_;
};

}  // namespace penstock
