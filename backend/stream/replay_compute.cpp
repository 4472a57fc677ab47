// How a replay computes its range again: which offsets it covers, the steps over them, and what they give, kept for delivery.

#include <algorithm>
#include <deque>
#include <limits>
#include <numeric>

#include "base/crash_point.h"
#include "stream/replay_run.h"
#include "stream/staged_files.h"

namespace penstock {
namespace {

// Rows that belong to a window may come this much later than the window's end and not be late.
constexpr std::int64_t kSlackMicros = 600'000'000;
constexpr std::int64_t kFileBytes = 32 << 20;      // as held in memory

// How long after a row what decides about it may come: rows of its windows, and what it may be joined with.
std::int64_t slack_of(const StreamSpec& stream) {
  std::int64_t joins = 0;
  for (const StepSpec& step : stream.steps)
    if (step.join) joins += step.join->within.value_or(Duration::zero()).count() + step.join->lateness.count();
  return kSlackMicros + joins;
}

}  // namespace

Status ReplayRun::compute(StreamProgram& program, const FlushedShard& live, Cancellation cancellation) {
  closed_ = live.closed;
  if (replay_.from_time >= replay_.to_time) PENSTOCK_TRY(find_times(program, live, cancellation));
  const std::size_t sources = program.sources().size();
  const std::int64_t now = to_micros(parts_.clock->now());
  std::deque<Reader> readers;
  for (std::size_t i = 0; i < sources; ++i) {
    PENSTOCK_ASSIGN(std::optional<Reader> reader, open_reader(program, i, live.sources[i], now, cancellation));
    if (reader) readers.push_back(std::move(*reader));
  }
  // In turn: a window waits for the slowest of its sources, and holds what the others are ahead.
  while (!readers.empty()) {
    if (!wait_while_held(cancellation)) return Error(ErrorKind::cancelled, "the replay was cancelled");
    Reader reader = std::move(readers.front());
    readers.pop_front();
    PENSTOCK_ASSIGN(const bool more, read_some(program, reader, now, cancellation));
    if (more) readers.push_back(std::move(reader));
  }
  EpochContext context;
  context.now = to_micros(parts_.clock->now());
  return run_epoch(program, std::vector<Flow>(sources + program.steps().size()), context, true);
}

// What was landed as it came, or the source itself.
Result<std::unique_ptr<Source>> ReplayRun::open_scan(const StreamProgram& program, std::size_t source, const std::string& name) const {
  if (const auto bronze = program.bronze_of(source)) return parts_.catalog->table_scanner()(parts_.launch.tables_root, *bronze, name, *parts_.parquet);
  PENSTOCK_ASSIGN(auto scan, connectors_.make_source(program.sources()[source].spec, true));
  if (!scan->observable())
    return Error(ErrorKind::failed_precondition, "source '" + program.sources()[source].spec.name + "' is not landed as it came, and cannot be read a second time",
                 "add a first step that only says `land: bronze.…`");
  return scan;
}

// Nothing where the range holds no row of the source.
Result<std::optional<ReplayRun::Reader>> ReplayRun::open_reader(StreamProgram& program, std::size_t source, const FlushedShard::OneSource& live, std::int64_t now,
                                                                Cancellation cancellation) {
  {
    PENSTOCK_ASSIGN(const auto scan, open_scan(program, source, live.name));
    PENSTOCK_ASSIGN(ranges_[live.name], find_ranges(*scan, live, program.bronze_of(source).has_value(), cancellation));
  }
  if (ranges_[live.name].empty()) return std::optional<Reader>();
  Reader reader{source, live.name, nullptr, nullptr};
  PENSTOCK_ASSIGN(reader.scan, open_scan(program, source, live.name));
  PENSTOCK_ASSIGN(reader.decoder, program.make_decoder(source));
  std::vector<Assignment> assignments;
  for (const auto& [partition, range] : ranges_[live.name]) {
    assignments.push_back({partition, range.read_from, range.read_until});
    program.add_partition(source, {live.name, partition}, now);
  }
  PENSTOCK_TRY(reader.scan->assign(assignments));
  return std::optional(std::move(reader));
}

// False when nothing more comes.
Result<bool> ReplayRun::read_some(StreamProgram& program, Reader& reader, std::int64_t now, Cancellation cancellation) {
  begin_part();
  RawBatch raw;
  PENSTOCK_ASSIGN(const PollOutcome outcome, reader.scan->poll(raw, {}, cancellation));
  if (raw.rows() == 0) return outcome != PollOutcome::ended;
  if (const Readiness ready = reader.decoder->prepare(raw); ready.lacks) return *ready.lacks;
  Arrival arrival = decode_arrival(raw, *reader.decoder, reader.name, now, parts_.spec->drift != DriftPolicy::evolve);
  EpochContext context;
  context.now = now;
  std::vector<Flow> flows(program.sources().size() + program.steps().size());
  if (arrival.rows.rows() > 0) {
    Flow::Part part{arrival.rows, {}};
    part.records.resize(static_cast<std::size_t>(arrival.rows.rows()));
    std::iota(part.records.begin(), part.records.end(), context.records.add(arrival.rows));
    flows[reader.source].parts.push_back(std::move(part));
  }
  PENSTOCK_TRY(run_epoch(program, std::move(flows), context, false));
  {
    std::lock_guard lock(mutex_);
    report_.rows_done += arrival.records;
  }
  parts_.changed();
  rest(arrival.records, cancellation);
  crash_point("replay.epoch");
  return outcome != PollOutcome::ended;
}

// One pass over the positions and times: which offsets the range covers in each partition. What the live stream had not
// taken when it was asked stays its own.
Result<ReplayRun::Ranges> ReplayRun::find_ranges(Source& source, const FlushedShard::OneSource& live, bool landed, Cancellation cancellation) {
  PENSTOCK_ASSIGN(const auto partitions, source.partitions());
  std::vector<Assignment> assignments;
  std::map<std::int32_t, std::int64_t> cut;      // partitions whose beginning a source no longer holds, and where they begin now
  for (const PartitionRange& partition : partitions) {
    if (shard_of(partition.partition, parts_.spec->shards) != parts_.shard) continue;
    if (!landed && partition.earliest > 0) cut[partition.partition] = partition.earliest;
    const auto taken = live.committed.find(partition.partition);
    const std::int64_t head = taken == live.committed.end() ? partition.earliest : std::min(partition.head, taken->second);
    if (head > partition.earliest) assignments.push_back({partition.partition, partition.earliest, head});
  }
  PENSTOCK_TRY(source.assign(assignments));
  const std::int64_t slack = slack_of(*parts_.spec);
  Ranges ranges;
  std::int64_t rows = 0;
  PollOutcome outcome = assignments.empty() ? PollOutcome::ended : PollOutcome::rows;
  while (outcome != PollOutcome::ended) {
    if (!wait_while_held(cancellation)) return Error(ErrorKind::cancelled, "the replay was cancelled");
    begin_part();
    RawBatch raw;
    PENSTOCK_ASSIGN(outcome, source.poll(raw, {}, cancellation));
    for (std::int64_t row = 0; row < raw.rows(); ++row) {
      const RawBatch::Record record = raw[row];
      const std::int64_t time = record.source_time_micros, offset = record.position.offset;
      if (time < replay_.warm_up_from) cut.erase(record.position.partition);
      if (time < replay_.warm_up_from || time >= replay_.to_time + slack) continue;
      ++rows;
      Range& range = ranges.try_emplace(record.position.partition, Range{offset, offset + 1}).first->second;
      place(range, offset, time, live.name, record.position.partition);
    }
    rest(0, cancellation);      // a rate is of rows that are computed
  }
  // What it would replace could not be computed again.
  if (!cut.empty())
    return Error(ErrorKind::data_loss, source.name() + "/" + std::to_string(cut.begin()->first) + " begins at position " + std::to_string(cut.begin()->second) +
                                           ", and nothing shows that the range does not begin before that", "replay a range that is held as a whole");
  const bool any = std::any_of(ranges.begin(), ranges.end(), [](const auto& entry) { return entry.second.emits(); });
  if (!any) ranges.clear();
  std::lock_guard lock(mutex_);
  report_.rows_total += rows;
  return ranges;
}

// A record of the time range, with the minutes around it: read; and emitted, where it is asked for.
void ReplayRun::place(Range& range, std::int64_t offset, std::int64_t time, const std::string& source, std::int32_t partition) const {
  range.read_from = std::min(range.read_from, offset);
  range.read_until = std::max(range.read_until, offset + 1);
  if (time < replay_.from_time || time >= replay_.to_time) return;
  if (!replay_.from_positions.empty()) {
    const auto of_source = replay_.from_positions.find(source);
    if (of_source == replay_.from_positions.end()) return;
    const auto from = of_source->second.find(partition);
    if (from == of_source->second.end() || offset < from->second) return;
    const auto ends = replay_.to_positions.find(source);
    if (ends != replay_.to_positions.end())
      if (const auto until = ends->second.find(partition); until != ends->second.end() && offset >= until->second) return;
  }
  range.from = range.from < 0 ? offset : std::min(range.from, offset);
  range.until = std::max(range.until, offset + 1);
}

Status ReplayRun::run_epoch(StreamProgram& program, std::vector<Flow> flows, EpochContext& context, bool last) {
  context.epoch = ++epoch_;
  context.close_windows = last;
  const std::size_t sources = program.sources().size();
  StateWrite write;
  for (std::size_t i = 0; i < program.steps().size(); ++i) {
    std::vector<const Flow*> inputs;
    for (const std::size_t input : program.inputs_of(i)) inputs.push_back(&flows[input]);
    PENSTOCK_ASSIGN(flows[sources + i], program.steps()[i]->run(inputs, context));
    program.steps()[i]->take_late();
  }
  for (const SinkFeed& feed : program.sinks()) {
    if (!delivered_.contains(feed.spec.name) || feed.what != SinkFeed::What::rows) continue;
    Flow flow = flows[sources + feed.step];
    const auto windows = windows_of(program, feed);
    keep_what_is_in_range(flow, windows, joins_closed_until(program, feed));
    SinkEpoch epoch;
    epoch.epoch = context.epoch;
    for (const Flow::Part& part : flow.parts)
      if (part.rows.rows() > 0) epoch.rows.push_back(part.rows);
    for (const Batch& rows : epoch.rows) delivered_[feed.spec.name] += rows.rows();
    // What is replaced goes away in the commit that brings the first of the new rows.
    if (context.epoch == 1) epoch.replaces = replaced(feed, windows);
    PENSTOCK_TRY(hand_over(feed, std::move(epoch), last, write));
  }
  PENSTOCK_TRY(state_->write(write, false));
  outbox_->publish(context.now);
  return {};
}

// Those that lie in the range as a whole. A window that was open when the live stream was asked is the live stream's to close,
// and one that late rows may still change is its own too.
std::optional<ReplayRun::WindowStarts> ReplayRun::windows_of(const StreamProgram& program, const SinkFeed& feed) const {
  if (feed.schema->find(origin::offset)) return std::nullopt;
  const auto step = program.window_above(feed.step);
  if (!step) return WindowStarts{replay_.from_time, replay_.to_time};
  const StepSpec& spec = program.step(*step).spec();
  const auto closed = closed_.find(spec.name);
  std::int64_t end = replay_.to_time;
  if (closed != closed_.end()) {
    const auto live = std::find_if(parts_.spec->steps.begin(), parts_.spec->steps.end(), [&](const StepSpec& one) { return one.name == spec.name; });
    end = std::min(end, closed->second == Watermark::kNone ? closed->second : closed->second - live->window->update_late.count());
  }
  const std::int64_t from = spec.window->times().start_at_or_after(replay_.from_time);
  // Before a window has closed, `end` is far below any time.
  return WindowStarts{from, end <= from ? from : spec.window->times().starts_until(end)};
}

// Rows of a join that wait longer for a match are the live stream's to tell.
std::int64_t ReplayRun::joins_closed_until(const StreamProgram& program, const SinkFeed& feed) const {
  const auto step = program.closing_above(feed.step);
  const auto closed = step ? closed_.find(program.step(*step).spec().name) : closed_.end();
  return closed == closed_.end() ? std::numeric_limits<std::int64_t>::max() : closed->second;
}

std::vector<Replacement> ReplayRun::replaced(const SinkFeed& feed, const std::optional<WindowStarts>& windows) const {
  std::vector<Replacement> all;
  if (windows) {
    const std::int32_t shard = feed.schema->find(origin::shard) ? parts_.shard : -1;
    if (windows->from < windows->until) all.push_back({"window_start", "", 0, windows->from, windows->until, shard});
    return all;
  }
  for (const auto& [source, ranges] : ranges_)
    for (const auto& [partition, range] : ranges)
      if (range.emits()) all.push_back({std::string(origin::offset), source, partition, range.from, range.until});
  return all;
}

// However large the range: no more than a file's rows of a table are held at once.
Status ReplayRun::hand_over(const SinkFeed& feed, SinkEpoch epoch, bool last, StateWrite& write) {
  if (is_staged(feed.spec)) {
    Pending& pending = pending_[feed.spec.name];
    for (Batch& rows : epoch.rows) {
      pending.bytes += rows.bytes();
      pending.rows.push_back(std::move(rows));
    }
    epoch.rows.clear();
    if (!pending.rows.empty() && (last || pending.bytes >= kFileBytes)) {
      PENSTOCK_ASSIGN(StagedFile file, write_staged_file(*parts_.parquet, folder_of(feed), feed, state_->id(), epoch.epoch, false, pending.rows, to_micros(parts_.clock->now())));
      epoch.files.push_back(std::move(file));
      pending = {};
    }
  }
  if (!epoch.rows.empty() || !epoch.files.empty() || !epoch.replaces.empty()) outbox_->stage(feed.spec.name, std::move(epoch), write);
  return {};
}

void ReplayRun::keep_what_is_in_range(Flow& flow, const std::optional<WindowStarts>& windows, std::int64_t joins_closed) const {
  for (Flow::Part& part : flow.parts) {
    std::vector<std::int64_t> kept;
    const auto still_waits = [&](std::int64_t row) { return !part.partners.empty() && part.partners.column(kPartnerCloses).int64(row) > joins_closed; };
    if (windows) {
      const auto starts = part.rows.find("window_start");
      for (std::int64_t row = 0; starts && row < part.rows.rows(); ++row)
        if (starts->int64(row) >= windows->from && starts->int64(row) < windows->until) kept.push_back(row);
    } else {
      const ColumnView sources = *part.rows.find(origin::source), partitions = *part.rows.find(origin::partition), offsets = *part.rows.find(origin::offset);
      for (std::int64_t row = 0; row < part.rows.rows(); ++row) {
        const auto source = ranges_.find(std::string(sources.bytes(row)));
        if (source == ranges_.end()) continue;
        const auto range = source->second.find(partitions.int32(row));
        if (range == source->second.end() || offsets.int64(row) < range->second.from || offsets.int64(row) >= range->second.until) continue;
        if (!still_waits(row)) kept.push_back(row);
      }
    }
    if (static_cast<std::int64_t>(kept.size()) < part.rows.rows()) part = take(part, kept);
  }
}

}  // namespace penstock
