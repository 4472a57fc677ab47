#pragma once

// What is remembered of pods beyond their life: restarts and resets, which the healing policy counts.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace penstock {

struct PodRecord {
  std::string name;
  std::string address;          // "unix:/…/pod.sock", "127.0.0.1:40123"
  std::int64_t process_id = 0;
  std::int64_t process_start = 0;   // as the host's PodProcess has it: tells a reused id apart
  std::int32_t restarts = 0;
  std::int64_t started_at = 0;  // micros
};

struct ResetRecord {
  std::string id;               // the command's
  std::string pod;
  std::int64_t at = 0;          // micros
  std::int64_t ended_at = 0;    // 0: runs
  std::string who;              // "operator", "policy stuck"
  std::string why;
  std::int64_t gap_rows = 0;
  std::int64_t replayed_rows = 0;
  std::int64_t lost_rows = 0;
  std::int64_t doubled_rows = 0;
  std::string outcome;
  bool failed = false;
};

// How many pods a stream was given, in the place of those that the workspace declared then.
struct ScaleRecord {
  std::string stream;
  std::int32_t pods = 1;
  std::int32_t declared = 1;
};

// Thread-safe. The database outlives it.
class PodStore {
 public:
  explicit PodStore(Database& database) : database_(database) {}

  Status put(const PodRecord& pod);
  Status remove(const std::string& name);       // its resets stay
  Result<std::optional<PodRecord>> get(const std::string& name) const;
  Result<std::vector<PodRecord>> list() const;  // by name

  Status put_reset(const ResetRecord& reset);   // adds, or replaces that of the same id
  // Resets of a pod that began at or after `since`, newest first. `who` empty: by anyone.
  Result<std::vector<ResetRecord>> resets(const std::string& pod, std::int64_t since, const std::string& who = {}) const;

  // A fencing number greater than any that the stream has had.
  Result<std::int64_t> next_lease(const std::string& stream);

  Status put_scale(const ScaleRecord& scale);   // replaces that of the stream
  Status remove_scale(const std::string& stream);
  Result<std::vector<ScaleRecord>> scales() const;

 private:
  Database& database_;
};

}  // namespace penstock
