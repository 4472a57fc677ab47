#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace penstock::simulate {

// A window of time that may come again: [from + n × every, from + n × every + lasts), n = 0, 1, …
struct Recurrence {
  std::int64_t from_micros = 0;
  std::int64_t lasts_micros = 0;       // 0: for ever
  std::int64_t every_micros = 0;       // 0: once

  bool contains(std::int64_t micros) const;
  // How much of the time before `micros` lies in the windows.
  std::int64_t covered_before(std::int64_t micros) const;
  // The next instant after `micros` at which a window begins or ends; none when there is none.
  std::optional<std::int64_t> next_edge(std::int64_t micros) const;
};

struct Burst {
  Recurrence when;
  std::int64_t factor = 10;            // rows in the window, as a multiple of the plain rate
};

// When each row of a simulated system happens: a pure function in whole numbers, so that a position always means the
// same instant. Time is counted in ticks, of which 100 pass in a microsecond at the plain rate, more in a busy hour
// or a burst; a row of a partition happens every `ticks_per_row`. Immutable, thread-safe.
class Timeline {
 public:
  struct Shape {
    Timestamp origin;                  // offset 0 of every partition is at or shortly after it
    double rows_per_second = 50;       // over all partitions
    std::int32_t partitions = 4;
    bool diurnal = true;               // busy and quiet hours (UTC); the mean of a day is rows_per_second
    std::vector<Burst> bursts;
  };

  explicit Timeline(Shape shape);

  // How many rows the partition has had up to and with this instant: the offset of its next one.
  std::int64_t rows_until(std::int32_t partition, Timestamp time) const;
  Timestamp time_of(std::int32_t partition, std::int64_t offset) const;

 private:
  std::int64_t ticks_at(std::int64_t micros) const;             // since the origin
  std::int64_t ticks_per_micro(std::int64_t micros) const;
  std::int64_t next_change(std::int64_t micros) const;          // of ticks_per_micro
  std::int64_t phase(std::int32_t partition) const { return partition * ticks_per_row_ / shape_.partitions; }

  // Constant after construction.
  Shape shape_;
  std::int64_t origin_micros_;
  std::int64_t ticks_per_row_;
};

}  // namespace penstock::simulate
