#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "connectors/simulate/faults.h"
#include "connectors/simulate/history.h"
#include "connectors/simulate/systems.h"
#include "connectors/simulate/timeline.h"
#include "io/source.h"

namespace penstock::simulate {

struct SimulateConfig {
  const SystemPlan* system = nullptr;
  std::uint64_t seed = 42;
  std::int32_t partitions = 4;
  double rate = 50;                       // rows a second over all partitions
  bool diurnal = true;
  std::optional<Timestamp> start_at;      // offset 0; none: a fixed day
  bool from_earliest = false;             // a first start begins at offset 0 instead of now
  std::optional<std::int64_t> limit;      // rows over all partitions, then the source has ended
  Timestamp first_start;                  // of this stream
  std::vector<Fault> faults;
};

// A retail system that produces events for ever. A record is a pure function of the configuration and its position:
// any offset can be read again and is the same to the byte, which is what replay and recovery need. Offsets count
// the rows that a partition would have produced since a fixed day, so no state is needed to continue.
class SimulateSource final : public Source {
 public:
  SimulateSource(SimulateConfig config, History history, std::int32_t shard, const Clock& clock);

  std::string name() const override { return std::string(config_.system->name); }
  bool finite() const override { return config_.limit.has_value(); }
  Result<std::vector<PartitionRange>> partitions() override;
  // Errors: not_found for a partition that there is not; failed_precondition for a position ahead of the head, which
  // means that the settings that fix the offsets were changed.
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override;

 private:
  struct Reader {
    std::int32_t partition = 0;
    std::int64_t next = 0;
    std::optional<std::int64_t> until;
  };

  std::int64_t head(std::int32_t partition, Timestamp now) const;
  std::int64_t rows_of(std::int32_t partition) const;           // its share of the limit
  std::int64_t first_offset(std::int32_t partition) const;
  bool ended(const Reader& reader) const;
  void take(Reader& reader, Timestamp now, const PollLimits& limits, RawBatch& out) const;
  void append(std::int32_t partition, std::int64_t offset, RawBatch& out) const;
  Drawn record_at(std::int32_t partition, std::int64_t offset, bool may_repeat) const;
  Status hang(Cancellation cancellation);
  void wait(std::chrono::microseconds wait, Cancellation cancellation);

  // Constant after construction.
  SimulateConfig config_;
  History history_;
  const Clock& clock_;
  Timeline timeline_;
  std::string stuck_mark_;
  bool stuck_is_over_;

  std::vector<Reader> readers_;
  std::size_t turn_ = 0;                  // the reader that is asked first
  bool replaying_ = false;                // a range with an end: never stuck, never dead
};

}  // namespace penstock::simulate
