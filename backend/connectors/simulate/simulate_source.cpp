#include "connectors/simulate/simulate_source.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

namespace penstock::simulate {
namespace {

// Offsets count from here when `start_at` is not given.
constexpr Timestamp kFirstDay = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
// A reader may be ahead of the clock by what clocks differ.
constexpr std::chrono::minutes kClockDifference(1);

Timeline make_timeline(const SimulateConfig& config) {
  Timeline::Shape shape{.origin = config.start_at.value_or(kFirstDay),
                        .rows_per_second = config.rate,
                        .partitions = config.partitions,
                        .diurnal = config.diurnal};
  for (const Fault& fault : config.faults)
    if (fault.kind == FaultKind::burst) shape.bursts.push_back({fault.when, static_cast<std::int64_t>(fault.rate)});
  return Timeline(std::move(shape));
}

std::uint64_t position_seed(std::uint64_t seed, std::string_view system, std::int32_t partition, std::int64_t offset) {
  std::uint64_t state = Dice::mix(seed ^ Dice::hash(system));
  state = Dice::mix(state ^ static_cast<std::uint64_t>(partition));
  return Dice::mix(state ^ static_cast<std::uint64_t>(offset));
}

}  // namespace

SimulateSource::SimulateSource(SimulateConfig config, History history, std::int32_t shard, const Clock& clock)
    : config_(std::move(config)),
      history_(std::move(history)),
      clock_(clock),
      timeline_(make_timeline(config_)),
      stuck_mark_("stuck-" + std::to_string(shard)),
      stuck_is_over_(history_.happened(stuck_mark_)) {}

Result<std::vector<PartitionRange>> SimulateSource::partitions() {
  const Timestamp now = clock_.now();
  if (!replaying_ && any_at(config_.faults, FaultKind::dead_source, now))
    return Error(ErrorKind::unavailable, name() + " does not answer (simulated)");
  std::vector<PartitionRange> ranges;
  for (std::int32_t partition = 0; partition < config_.partitions; ++partition)
    ranges.push_back({partition, 0, head(partition, now)});
  return ranges;
}

Status SimulateSource::assign(const std::vector<Assignment>& assignments) {
  readers_.clear();
  replaying_ = !assignments.empty();
  for (const Assignment& assignment : assignments) {
    const std::int32_t partition = assignment.partition;
    if (partition < 0 || partition >= config_.partitions)
      return Error(ErrorKind::not_found, name() + " has no partition " + std::to_string(partition));
    const std::int64_t next = assignment.from.value_or(first_offset(partition));
    const std::int64_t known = std::max(head(partition, clock_.now() + kClockDifference), first_offset(partition));
    if (next > known || next < 0)
      return Error(ErrorKind::failed_precondition,
                   name() + ": position " + std::to_string(next) + " of partition " + std::to_string(partition) +
                       " is not between 0 and the head " + std::to_string(known),
                   "seed, rate, partitions, diurnal, start_at or the bursts were changed; give them back or reset the stream's positions");
    readers_.push_back({partition, next, assignment.until});
    replaying_ = replaying_ && assignment.until.has_value();
  }
  turn_ = 0;
  return {};
}

Result<PollOutcome> SimulateSource::poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) {
  Timestamp now = clock_.now();
  if (!replaying_) {
    if (!stuck_is_over_ && any_at(config_.faults, FaultKind::stuck, now)) PENSTOCK_TRY(hang(cancellation));
    if (any_at(config_.faults, FaultKind::dead_source, now)) {
      wait(limits.wait, cancellation);
      return Error(ErrorKind::unavailable, name() + " does not answer (simulated)");
    }
  }
  const std::int64_t rows_before = out.rows();
  for (int attempt = 0; attempt < 2; ++attempt) {
    for (std::size_t i = 0; i < readers_.size(); ++i) take(readers_[(turn_ + i) % readers_.size()], now, limits, out);
    if (!readers_.empty()) turn_ = (turn_ + 1) % readers_.size();
    if (out.rows() > rows_before) return PollOutcome::rows;
    if (std::all_of(readers_.begin(), readers_.end(), [&](const Reader& reader) { return ended(reader); })) return PollOutcome::ended;
    if (attempt == 1) break;

    std::chrono::microseconds pause = limits.wait;
    for (const Reader& reader : readers_)
      if (!ended(reader)) pause = std::min(pause, timeline_.time_of(reader.partition, reader.next) - now);
    wait(pause, cancellation);
    now = clock_.now();
  }
  return PollOutcome::idle;
}

std::int64_t SimulateSource::rows_of(std::int32_t partition) const {
  return *config_.limit / config_.partitions + (partition < *config_.limit % config_.partitions ? 1 : 0);
}

std::int64_t SimulateSource::first_offset(std::int32_t partition) const {
  return config_.from_earliest ? 0 : timeline_.rows_until(partition, config_.first_start);
}

std::int64_t SimulateSource::head(std::int32_t partition, Timestamp now) const {
  const std::int64_t rows = timeline_.rows_until(partition, now);
  return config_.limit ? std::min(rows, first_offset(partition) + rows_of(partition)) : rows;
}

bool SimulateSource::ended(const Reader& reader) const {
  if (reader.until && reader.next >= *reader.until) return true;
  return config_.limit && reader.next >= first_offset(reader.partition) + rows_of(reader.partition);
}

void SimulateSource::take(Reader& reader, Timestamp now, const PollLimits& limits, RawBatch& out) const {
  // An equal share each: while catching up no partition's event time runs far ahead of the others'.
  const std::int64_t share = std::max<std::int64_t>(1, limits.rows / static_cast<std::int64_t>(readers_.size()));
  std::int64_t end = std::min(head(reader.partition, now), reader.next + share);
  if (reader.until) end = std::min(end, *reader.until);
  for (; reader.next < end && out.rows() < limits.rows && out.bytes() < limits.bytes; ++reader.next)
    append(reader.partition, reader.next, out);
}

void SimulateSource::append(std::int32_t partition, std::int64_t offset, RawBatch& out) const {
  const Drawn record = record_at(partition, offset, true);
  char key[24];
  const auto key_size = static_cast<std::size_t>(std::to_chars(key, key + sizeof key, record.store).ptr - key);
  out.append({.position = {partition, offset},
              .value = record.json,
              .key = {key, key_size},
              .source_time_micros = to_micros(timeline_.time_of(partition, offset)),
              .has_key = true});
}

Drawn SimulateSource::record_at(std::int32_t partition, std::int64_t offset, bool may_repeat) const {
  const std::uint64_t seed = position_seed(config_.seed, config_.system->name, partition, offset);
  const Timestamp happened = timeline_.time_of(partition, offset);
  Draw draw{.partition = partition, .partitions = config_.partitions, .offset = offset, .event_time = happened};

  // Faults have dice of their own: without them the same position holds the same record.
  Dice chance(~seed);
  bool cut = false;
  for (const Fault& fault : config_.faults) {
    const bool hit = chance.hit(fault.rate);
    const std::uint64_t choice = chance.next();
    if (!hit || !fault.at(happened)) continue;
    switch (fault.kind) {
      case FaultKind::broken_json: cut = true; break;
      case FaultKind::unknown_store: draw.store = fault.stores[choice % fault.stores.size()]; break;
      case FaultKind::duplicate:
        if (may_repeat && offset > 0) return record_at(partition, std::max<std::int64_t>(0, offset - 1 - static_cast<std::int64_t>(choice % 20)), false);
        break;
      case FaultKind::late: draw.event_time -= std::chrono::microseconds(fault.late_by_micros); break;
      case FaultKind::new_column: draw.till_version = true; break;
      case FaultKind::burst:
      case FaultKind::dead_source:
      case FaultKind::stuck: break;
    }
  }
  Drawn record = draw_record(*config_.system, draw, Dice(seed));
  // A strict prefix of an object is never JSON.
  if (cut) record.json.resize(record.json.size() / 4 + chance.next() % (record.json.size() / 2));
  return record;
}

Status SimulateSource::hang(Cancellation cancellation) {
  PENSTOCK_TRY(history_.remember(stuck_mark_));
  while (!cancellation.stop_requested()) wait(std::chrono::hours(1), cancellation);
  return Error(ErrorKind::cancelled, name() + " was stuck (simulated) until it was cancelled");
}

void SimulateSource::wait(std::chrono::microseconds wait, Cancellation cancellation) {
  if (wait.count() <= 0) return;
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, cancellation, wait, [] { return false; });
}

}  // namespace penstock::simulate
