// A replay by positions where no table tells their times: the source itself is asked.

#include <algorithm>
#include <limits>

#include "stream/replay_range.h"
#include "stream/replay_run.h"
#include "stream/replay_state.h"

namespace penstock {

// Reads what is at the positions, and widens its times as a plan does. Kept: begun anew, it has the same range.
Status ReplayRun::find_times(const StreamProgram& program, const FlushedShard& live, Cancellation cancellation) {
  std::int64_t from = std::numeric_limits<std::int64_t>::max(), last = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < program.sources().size(); ++i) {
    if (!replay_.from_positions.contains(live.sources[i].name)) continue;
    PENSTOCK_ASSIGN(const auto scan, open_scan(program, i, live.sources[i].name));
    PENSTOCK_ASSIGN(const auto assignments, wished_of(*scan, live.sources[i]));
    if (assignments.empty()) continue;
    PENSTOCK_TRY(scan->assign(assignments));
    for (PollOutcome outcome = PollOutcome::rows; outcome != PollOutcome::ended;) {
      if (!wait_while_held(cancellation)) return Error(ErrorKind::cancelled, "the replay was cancelled");
      begin_part();
      RawBatch raw;
      PENSTOCK_ASSIGN(outcome, scan->poll(raw, {}, cancellation));
      for (std::int64_t row = 0; row < raw.rows(); ++row) {
        from = std::min(from, raw[row].source_time_micros);
        last = std::max(last, raw[row].source_time_micros);
      }
      rest(0, cancellation);
    }
  }
  // Another shard has them: of this one nothing is replayed.
  if (from > last && parts_.spec->shards > 1) return {};
  if (from > last) return Error(ErrorKind::not_found, "no record that the stream has taken lies at these positions");
  const ReplayTimes times = widened(from, last + 1, replayed_steps(*parts_.spec, replay_.steps));
  replay_.from_time = times.from;
  replay_.to_time = times.to;
  replay_.warm_up_from = times.warm_up_from;
  return save_replay(folder_, replay_);
}

// The positions that were asked for, as far as the live stream has taken them.
Result<std::vector<Assignment>> ReplayRun::wished_of(Source& source, const FlushedShard::OneSource& live) const {
  PENSTOCK_ASSIGN(const auto partitions, source.partitions());
  const auto ends = replay_.to_positions.find(live.name);
  std::vector<Assignment> assignments;
  for (const auto& [partition, from] : replay_.from_positions.at(live.name)) {
    const auto held = std::find_if(partitions.begin(), partitions.end(), [&](const PartitionRange& range) { return range.partition == partition; });
    if (held == partitions.end()) return Error(ErrorKind::not_found, live.name + " has no partition " + std::to_string(partition));
    if (from < held->earliest)
      return Error(ErrorKind::data_loss, live.name + "/" + std::to_string(partition) + " begins at position " + std::to_string(held->earliest) + ", behind position " +
                                             std::to_string(from) + " that is asked for", "replay a range that is held as a whole");
    const auto taken = live.committed.find(partition);
    std::int64_t until = taken == live.committed.end() ? from : std::min(held->head, taken->second);
    if (ends != replay_.to_positions.end())
      if (const auto end = ends->second.find(partition); end != ends->second.end()) until = std::min(until, end->second);
    if (from < until) assignments.push_back({partition, from, until});
  }
  return assignments;
}

}  // namespace penstock
