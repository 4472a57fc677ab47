// How a shard reads its sources, and knows how far they go.

#include <algorithm>
#include <set>
#include <string_view>

#include "base/log.h"
#include "base/this_thread.h"
#include "stream/back_off.h"
#include "stream/shard.h"

namespace penstock {
namespace {

constexpr std::size_t kQueuedArrivals = 64;
constexpr std::int64_t kEpochBytes = 64 << 20;
// How long a shard that reads sleeps while nothing comes: where rows wait for their window to close by the clock, and else.
constexpr std::int64_t kQuietMicros = 200'000;
constexpr std::int64_t kIdleMicros = 1'000'000;

// So often it is looked whether the records that were taken are still those that the source has.
constexpr std::chrono::seconds kCheckEvery{10};

constexpr std::int64_t kSampleRows = 1'000;
constexpr std::size_t kFrameBytes = 5;

// The first records that mention any of these fields.
RawBatch records_with(const Batch& rows, const std::vector<std::string>& fields) {
  RawBatch sample;
  const auto raw = rows.find(origin::raw);
  for (std::int64_t row = 0; raw && row < rows.rows() && sample.rows() < kSampleRows; ++row) {
    if (raw->is_null(row)) continue;
    const std::string_view record = raw->bytes(row);
    if (std::any_of(fields.begin(), fields.end(), [&](const std::string& field) { return record.find(field) != std::string_view::npos; }))
      sample.append({.value = record});
  }
  return sample;
}

// One of each beginning: in framed values it says which schema they have.
RawBatch records_of_each_frame(const Batch& rows) {
  RawBatch sample;
  std::set<std::string_view> beginnings;
  const auto raw = rows.find(origin::raw);
  for (std::int64_t row = 0; raw && row < rows.rows() && sample.rows() < kSampleRows; ++row)
    if (!raw->is_null(row) && beginnings.insert(raw->bytes(row).substr(0, kFrameBytes)).second) sample.append({.value = raw->bytes(row)});
  return sample;
}

}  // namespace

void Shard::start_reading() {
  if (reading_) return;
  {
    std::lock_guard lock(mutex_);
    arrivals_ = std::make_unique<BoundedQueue<Arrival>>(kQueuedArrivals, static_cast<std::size_t>(parts_.memory.arrivals));
  }
  for (std::size_t i = 0; i < program_->sources().size(); ++i) {
    Ingest::Parts ingest;
    ingest.index = i;
    ingest.stream = parts_.spec->name;
    ingest.name = program_->sources()[i].spec.name;
    ingest.make_source = [this, i] { return make_source(i); };
    ingest.make_decoder = [this, i] { return program_->make_decoder(i); };
    ingest.assign = [this, i](Source& reader) { return assignments_for(i, reader); };
    ingest.has_grown = [this, i] { return take_grown(i); };
    ingest.limits.rows = std::min(ingest.limits.rows, parts_.epoch_rows);
    ingest.limits.bytes = std::max<std::int64_t>(parts_.memory.arrivals / 4, 1 << 20);
    ingest.drift_is_dead = parts_.spec->drift != DriftPolicy::evolve;
    ingest.queue = arrivals_.get();
    ingest.heads = [this, i](const std::vector<PartitionRange>& ranges) {
      std::lock_guard lock(mutex_);
      for (const PartitionRange& range : ranges)
        if (is_own(range.partition)) sources_[i].heads[range.partition] = range.head;
    };
    ingest.clock = parts_.clock;
    ingest.changed = parts_.changed;
    ingests_.push_back(std::make_unique<Ingest>(std::move(ingest)));
  }
  outbox_->flush_now(false);
  reading_ = true;
  phase_ = PipelineStatus::running;
  dirty_ = true;
}

Result<std::unique_ptr<Source>> Shard::make_source(std::size_t source) const { return connectors_.make_source(program_->sources()[source].spec); }

void Shard::stop_reading() {
  if (const auto synced = sync_now(); !synced.ok()) log_error("stream {}: {}", parts_.spec->name, synced.error().to_string());
  if (arrivals_) arrivals_->close();
  for (auto& ingest : ingests_) ingest->stop();
  ingests_.clear();
  {
    std::lock_guard lock(mutex_);
    arrivals_.reset();
  }
  reading_ = false;
  dirty_ = true;
}

// Those of the source that are this shard's.
Result<std::vector<PartitionRange>> Shard::own_partitions(Source& source) const {
  PENSTOCK_ASSIGN(std::vector<PartitionRange> ranges, source.partitions());
  leave_own(ranges);
  return ranges;
}

void Shard::leave_own(std::vector<PartitionRange>& ranges) const {
  std::erase_if(ranges, [this](const PartitionRange& range) { return !is_own(range.partition); });
}

// A key is in partition hash % n of each source, and partition p belongs to shard p % shards: the same key of two sources comes to
// one shard where both have the same n, or the shards divide each n.
Status Shard::check_that_keys_meet() const {
  const std::int32_t shards = parts_.spec->shards;
  if (shards == 1) return {};
  for (std::size_t i = 0; i < program_->steps().size(); ++i) {
    if (!program_->steps()[i]->stateful()) continue;
    const auto sources = program_->sources_above(i);
    for (const std::size_t one : sources)
      for (const std::size_t other : sources) {
        const std::int32_t a = sources_[one].partitions, b = sources_[other].partitions;
        if (one >= other || a == b || a == 0 || b == 0 || (a % shards == 0 && b % shards == 0)) continue;
        const std::string& first = program_->sources()[one].spec.name;
        const std::string& second = program_->sources()[other].spec.name;
        return Error(ErrorKind::failed_precondition,
                     "step '" + program_->steps()[i]->spec().name + "': " + first + " has " + std::to_string(a) + " partitions and " + second + " has " + std::to_string(b) +
                         ", so that rows with the same key do not meet in one of " + std::to_string(shards) + " shards",
                     "give both as many partitions, or say shards: 1, or another number that divides both, for a stream of another name", parts_.spec->at.to_string());
      }
  }
  return {};
}

Result<std::vector<Assignment>> Shard::assignments_for(std::size_t source, Source& reader) {
  PENSTOCK_ASSIGN(std::vector<PartitionRange> ranges, reader.partitions());
  Anchors anchors;      // of what is there to be read: none of it is taken unchecked
  {
    std::lock_guard lock(mutex_);
    for (const PartitionRange& range : ranges)
      if (const auto known = sources_[source].anchors.find(range.partition); known != sources_[source].anchors.end()) anchors.insert(*known);
  }
  PENSTOCK_TRY(reader.check(anchors));
  std::vector<Assignment> assignments;
  std::lock_guard lock(mutex_);
  SourceState& state = sources_[source];
  state.partitions = static_cast<std::int32_t>(ranges.size());
  PENSTOCK_TRY(check_that_keys_meet());
  leave_own(ranges);
  state.assigned.clear();
  state.asked = true;
  state.grown = false;
  for (const PartitionRange& range : ranges) {
    state.assigned.insert(range.partition);
    Assignment assignment{range.partition, std::nullopt, std::nullopt};
    if (const auto known = state.committed.find(range.partition); known != state.committed.end()) {
      assignment.from = known->second;
      if (range.earliest > known->second) {
        // Never a silent jump: what the source threw away is counted and named.
        state.lost_rows += range.earliest - known->second;
        state.lost_detail += (state.lost_detail.empty() ? "" : "; ") + reader.partition_name(range.partition) + " positions " +
                             std::to_string(known->second) + " to " + std::to_string(range.earliest - 1);
        assignment.from = range.earliest;
      }
    } else if (reader.starts_at_head()) {
      // A partition that has come since the first start is read from its beginning: nobody has said to skip it.
      assignment.from = state.begun ? range.earliest : range.head;
    }
    assignments.push_back(assignment);
    state.heads[range.partition] = range.head;
  }
  return assignments;
}

// A partition that has more to give is not idle, nor is one whose source does not answer: a window must not close over
// its rows because they were not read yet.
void Shard::await_what_is_behind() {
  const std::int64_t now = to_micros(parts_.clock->now());
  const bool waiting = arrivals_->items() > 0 || std::any_of(ingests_.begin(), ingests_.end(), [](const auto& ingest) { return ingest->health().failed; });
  for (const auto& ingest : ingests_) {
    Positions reached = ingest->reached();
    if (arrivals_->items() > 0) break;
    std::lock_guard lock(mutex_);
    sources_[ingest->source()].passed = std::move(reached);
  }
  for (auto& step : program_->steps()) {
    if (waiting) {
      step->await(std::nullopt, now);
      continue;
    }
    for (const auto& ingest : ingests_)
      for (const std::int32_t partition : ingest->behind()) step->await(PartitionKey{sources_[ingest->source()].name, partition}, now);
  }
}

// One epoch, and the rest after it.
Status Shard::take(std::vector<Arrival> arrivals) {
  std::int64_t rows = 0;
  for (const Arrival& arrival : arrivals) rows += arrival.records;
  PENSTOCK_TRY(run_epoch(std::move(arrivals), false));
  if (const auto rest = pace_.rest(rows); rest.count() > 0) wait_for(rest, cancellation_);
  return {};
}

std::vector<Arrival> Shard::collect() {
  await_what_is_behind();
  std::vector<Arrival> arrivals;
  std::int64_t rows = 0, bytes = 0;
  auto arrival = arrivals_->pop(quiet_time());
  while (arrival) {
    rows += arrival->records;
    bytes += arrival->bytes;
    arrivals.push_back(std::move(*arrival));
    if (rows >= parts_.epoch_rows || bytes >= kEpochBytes) break;
    arrival = arrivals_->pop(std::chrono::milliseconds(0));
  }
  return arrivals;
}

// How long the shard may wait for rows: what it has to do by the clock comes first.
std::chrono::milliseconds Shard::quiet_time() const {
  if (windows_due()) return std::chrono::milliseconds(0);
  const std::int64_t now = to_micros(parts_.clock->now());
  const bool any_open = std::any_of(program_->steps().begin(), program_->steps().end(), [](const auto& step) { return step->report().open > 0; });
  std::int64_t quiet = any_open ? kQuietMicros : kIdleMicros;
  if (dirty_) quiet = std::min(quiet, published_at_ + kPublishMicros - now);
  if (unsynced_) quiet = std::min(quiet, kIdleWait.count() * 1000);
  return std::chrono::milliseconds(std::max<std::int64_t>(quiet / 1000, 1));
}

// With `drift: evolve` a field that the contract does not know is added to it, before any row that has it is taken.
Result<bool> Shard::evolves(const std::vector<Arrival>& arrivals) {
  if (parts_.spec->drift != DriftPolicy::evolve || !parts_.evolve) return false;
  bool any = false;
  for (const Arrival& arrival : arrivals) {
    std::vector<std::string> fields;
    for (const DriftedField& field : arrival.drift)
      if (field.what == "added" && !cannot_evolve_.contains(field.name)) fields.push_back(field.name);
    if (fields.empty() || any) continue;
    const SourceSpec& source = program_->sources()[arrival.source].spec;
    const RawBatch sample = source.format == "avro" ? records_of_each_frame(arrival.rows) : records_with(arrival.rows, fields);
    PENSTOCK_ASSIGN(any, parts_.evolve(source, sample, fields));
    if (!any) cannot_evolve_.insert(fields.begin(), fields.end());
  }
  return any;
}

void Shard::note_partitions(std::size_t source, const Source& observer, const std::vector<PartitionRange>& ranges) {
  std::lock_guard lock(mutex_);
  SourceState& state = sources_[source];
  std::set<std::int32_t> there;
  for (const PartitionRange& range : ranges) {
    there.insert(range.partition);
    state.heads[range.partition] = range.head;
    state.grown = state.grown || (state.asked && !state.assigned.contains(range.partition));
  }
  std::string gone;
  for (const std::int32_t partition : state.assigned)
    if (!there.contains(partition)) gone += (gone.empty() ? "" : ", ") + observer.partition_name(partition);
  // Looked at twice: then they are not read on. If they come back, it may be others under their names, and that is checked.
  state.grown = state.grown || (!gone.empty() && gone == state.missing && gone != state.gone);
  state.gone = gone == state.missing ? gone : "";
  state.missing = std::move(gone);
}

bool Shard::take_grown(std::size_t source) {
  std::lock_guard lock(mutex_);
  return std::exchange(sources_[source].grown, false);
}

// What was taken some time ago, because a source that was made anew may have given records since then. A source that does not
// answer is told of by its reader.
void Shard::check_records(std::size_t source, Source& observer, Anchors& before) {
  Anchors now;
  {
    std::lock_guard lock(mutex_);
    now = sources_[source].anchors;
    before.merge(std::exchange(sources_[source].first_anchors, {}));
  }
  const Status checked = observer.check(before);
  before = std::move(now);
  if (checked.ok() || checked.error().kind != ErrorKind::data_loss) return;
  std::lock_guard lock(mutex_);
  // Its state is sound: it is the source that is another one.
  source_failure_ = Error(ErrorKind::failed_precondition, checked.error().message, checked.error().action, parts_.spec->at.to_string());
}

// Asked aside, so that a source that hangs does not hide how much waits.
void Shard::observe_heads(Cancellation cancellation) {
  name_this_thread("heads " + parts_.spec->name);
  std::vector<std::unique_ptr<Source>> observers(program_->sources().size());
  std::vector<Anchors> before(observers.size());
  auto checked_at = parts_.clock->steady();
  while (!cancellation.stop_requested()) {
    std::size_t asked_by_reader = 0;
    for (std::size_t i = 0; i < observers.size() && !cancellation.stop_requested(); ++i) {
      if (!observers[i]) {
        auto made = make_source(i);
        if (!made.ok()) continue;
        observers[i] = std::move(*made);
      }
      if (!observers[i]->observable()) {
        ++asked_by_reader;
        continue;
      }
      const auto ranges = own_partitions(*observers[i]);
      if (ranges.ok()) note_partitions(i, *observers[i], *ranges);
      else if (ranges.error().kind == ErrorKind::not_found) note_partitions(i, *observers[i], {});
    }
    if (asked_by_reader == observers.size()) return;
    if (const auto now = parts_.clock->steady(); now - checked_at >= kCheckEvery) {
      checked_at = now;
      for (std::size_t i = 0; i < observers.size() && !cancellation.stop_requested(); ++i)
        if (observers[i] && observers[i]->observable()) check_records(i, *observers[i], before[i]);
    }
    wait_for(std::chrono::seconds(1), cancellation);
  }
}

}  // namespace penstock
