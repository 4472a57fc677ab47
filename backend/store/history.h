#pragma once

// `<state root>/history.db`: series of the recent past, so that charts survive a restart. One value a second is kept
// for an hour, one a 10 s (the mean) for a day, one a minute for 90 days; older ones go, and before them the oldest days where
// the file would be larger than it may. The file may be deleted at any time, also while this is
// open: what was in it is gone, and writing goes on in a new file. A crash loses at most the last 10 s.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"

namespace penstock {

struct SeriesSample {
  std::string name;             // as telemetry.proto lists them: "pipeline/sales/rows_per_second"
  double value = 0;             // NaN is not kept: a hole says the same
};

struct Series {
  std::string name;
  std::vector<std::int64_t> at; // micros, ascending, evenly spaced
  std::vector<double> value;    // as many; NaN where nothing was reported
};

// Thread-safe.
class History {
 public:
  static constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;
  static Result<std::unique_ptr<History>> open(const std::string& path, const Clock& clock = Clock::system(), std::int64_t most_bytes = kMostBytes);
  ~History();

  // Samples of the second in which `at` lies; the last of a second stays. An error costs these samples only.
  Status write(std::int64_t at, const std::vector<SeriesSample>& samples);
  // [from, to) at the finest resolution that is kept for it, or coarser (the mean) so that there are at most `max_points`
  // (0: 1,000). An unknown name gives a series of holes.
  Result<std::vector<Series>> read(const std::vector<std::string>& names, std::int64_t from, std::int64_t to, std::int32_t max_points) const;

  // Names of series that begin so, numbers in them in the order of numbers; at most 1,000.
  Result<std::vector<std::string>> names(const std::string& beginning) const;

 private:
  // Ten seconds of one series; NaN where a second has no value. Ten seconds are the unit in which values are stored.
  using Slot = std::array<double, 10>;
  struct Buckets;

  History(std::string path, const Clock& clock, std::int64_t most_bytes);
  Status open_file();
  Status reopen_if_deleted();
  Result<std::int64_t> series_id(const std::string& name);
  Status flush();
  Status roll_up();
  Status add_stored(std::int64_t series, Buckets& buckets) const;
  void add_pending(const std::string& name, Buckets& buckets) const;

  const std::string path_;
  const Clock& clock_;
  const std::int64_t most_bytes_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::unique_ptr<Database> database_;
  std::map<std::string, std::int64_t> ids_;
  std::map<std::string, Slot> pending_;     // of pending_slot_, not yet in the file
  std::int64_t pending_slot_ = 0;           // number of its ten seconds since 1970
  std::int64_t rolled_up_to_ = 0;           // slot
  std::int64_t aged_at_ = 0;                // slot
};

}  // namespace penstock
