#include "stream/replay_run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "base/crash_point.h"
#include "stream/back_off.h"
#include "stream/delivery.h"
#include "stream/replay_state.h"

namespace penstock {
namespace {

// Rows that belong to a window may come this much later than the window's end and not be late.
constexpr std::int64_t kSlackMicros = 600'000'000;

bool is_ended(const std::string& status) { return status == "done" || status == "failed" || status == "cancelled"; }

}  // namespace

ReplayRun::ReplayRun(Parts parts)
    : parts_(std::move(parts)),
      folder_(parts_.launch.state_root + "/streams/" + parts_.spec->name + "/replays/" + parts_.replay.id),
      rate_limit_(parts_.replay.rate_limit) {
  report_.id = parts_.replay.id;
  report_.stream = parts_.replay.stream;
  report_.status = "running";
  thread_ = std::jthread([this](std::stop_token token) { run(token); });
}

ReplayRun::~ReplayRun() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

ReplayReport ReplayRun::report() const {
  std::lock_guard lock(mutex_);
  return report_;
}

std::vector<ReplayLaunch> ReplayRun::unfinished(const std::string& state_root, const std::string& stream) {
  return unfinished_replays(state_root + "/streams/" + stream + "/replays");
}

Status ReplayRun::control(const std::string& action, double rate_limit) {
  std::lock_guard lock(mutex_);
  if (is_ended(report_.status)) return Error(ErrorKind::failed_precondition, "the replay is " + report_.status);
  if (action == "pause" || action == "resume") {
    if (report_.status == "verifying") return Error(ErrorKind::failed_precondition, "the replay is being verified");
    paused_ = action == "pause";
    report_.status = paused_ ? "paused" : "running";
  } else if (action == "cancel") {
    cancelled_ = true;
  } else if (action == "rate") {
    rate_limit_ = rate_limit;
  } else {
    return Error(ErrorKind::invalid_argument, "a replay cannot '" + action + "'", "use pause, resume, cancel or rate");
  }
  return {};
}

void ReplayRun::set_status(const std::string& status, const std::string& outcome) {
  {
    std::lock_guard lock(mutex_);
    report_.status = status;
    if (!outcome.empty()) report_.outcome = outcome;
  }
  parts_.changed();
}

void ReplayRun::run(Cancellation cancellation) {
  const Status status = run_steps(cancellation);
  if (cancellation.stop_requested()) return;      // the pod stops; the next one begins anew
  state_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  if (status.ok()) return set_status("done");
  if (status.error().kind == ErrorKind::cancelled) return set_status("cancelled", "cancelled; nothing was changed");
  spdlog::error("replay {} of {}: {}", parts_.replay.id, parts_.spec->name, status.error().to_string());
  set_status("failed", status.error().to_string());
}

Status ReplayRun::run_steps(Cancellation cancellation) {
  PENSTOCK_TRY(save_replay(folder_, parts_.replay));
  PENSTOCK_ASSIGN(state_, StateStore::open(folder_ + "/state", {.cache_bytes = parts_.memory.state_cache}));
  PENSTOCK_ASSIGN(const auto program, StreamProgram::compile(*parts_.launch.workspace, *parts_.spec, *parts_.catalog, parts_.memory.sql));
  outbox_ = std::make_unique<Outbox>(*state_, parts_.memory.outbox);
  for (const SinkFeed& feed : program->sinks()) {
    PENSTOCK_ASSIGN(const bool delivers_rows, delivers(feed));
    if (!delivers_rows) continue;
    outbox_->add_sink(feed.spec.name);
    delivered_[feed.spec.name] = 0;
  }
  PENSTOCK_ASSIGN(const auto computed, state_->get("replay/computed"));
  if (computed) {
    PENSTOCK_TRY(outbox_->restore(to_micros(parts_.clock->now())));
    for (auto& [sink, rows] : delivered_) rows = outbox_->waiting(sink).rows;
  } else {
    PENSTOCK_TRY(forget_partial_run(*state_));
    PENSTOCK_ASSIGN(const FlushedShard live, parts_.flush_live());
    PENSTOCK_TRY(compute(*program, live, cancellation));
    StateWrite write;
    write.put("replay/computed", "1");
    crash_point("replay.before_computed");
    PENSTOCK_TRY(state_->write(write, true));
  }
  // From here on it cannot be cancelled: some tables may have taken their rows.
  crash_point("replay.before_delivery");
  PENSTOCK_TRY(deliver(*program, cancellation));
  set_status("verifying");
  return verify(*program);
}

// Sinks that replace, or that were asked for by name. Bronze is where the rows come from; rejected rows are known.
Result<bool> ReplayRun::delivers(const SinkFeed& feed) {
  if (feed.what != SinkFeed::What::rows && feed.what != SinkFeed::What::late) return false;
  const std::string step = feed.spec.from;
  if (!parts_.replay.steps.empty() && std::find(parts_.replay.steps.begin(), parts_.replay.steps.end(), step) == parts_.replay.steps.end()) return false;
  if (feed.spec.table.starts_with("bronze.")) return false;
  const auto& included = parts_.replay.include_sinks;
  if (std::find(included.begin(), included.end(), feed.spec.name) != included.end()) return true;
  const Connector* connector = parts_.catalog->find(feed.spec.kind);
  if (!connector || !connector->make_sink) return false;
  const ConnectionSpec* connection = parts_.launch.workspace->find_connection(feed.spec.connection);
  PENSTOCK_ASSIGN(const auto sink, connector->make_sink(connection ? connection->settings : Settings(), feed.spec.settings, context_for()));
  return sink->traits().replaces;
}

ConnectorContext ReplayRun::context_for() const {
  ConnectorContext context;
  context.clock = parts_.clock;
  context.parquet = parts_.parquet;
  context.workspace_root = parts_.launch.workspace->root;
  context.tables_root = parts_.launch.tables_root;
  context.stream = parts_.spec->name;
  return context;
}

Status ReplayRun::compute(StreamProgram& program, const FlushedShard& live, Cancellation cancellation) {
  windows_until_ = std::min(parts_.replay.to_time, live.watermark);
  const std::size_t sources = program.sources().size();
  for (std::size_t i = 0; i < sources; ++i) {
    const auto bronze = program.bronze_of(i);
    if (!bronze)
      return Error(ErrorKind::failed_precondition, "source '" + program.sources()[i].spec.name + "' is not landed as it came, so it cannot be replayed",
                   "add a first step that only says `land: bronze.…`");
    const std::string& name = live.sources[i].name;
    const auto open = [&] { return parts_.catalog->table_scanner()(parts_.launch.tables_root, *bronze, name, *parts_.parquet); };
    {
      PENSTOCK_ASSIGN(const auto source, open());
      PENSTOCK_ASSIGN(ranges_[name], find_ranges(*source, cancellation));
    }
    PENSTOCK_ASSIGN(const auto source, open());
    PENSTOCK_ASSIGN(const auto decoder, program.make_decoder(i));
    std::vector<Assignment> assignments;
    const std::int64_t now = to_micros(parts_.clock->now());
    for (const auto& [partition, range] : ranges_[name]) {
      assignments.push_back({partition, range.warm_up, range.until});
      for (auto& step : program.steps()) step->add_partition({name, partition}, now);
    }
    if (assignments.empty()) continue;
    PENSTOCK_TRY(source->assign(assignments));
    PollOutcome outcome = PollOutcome::rows;
    while (outcome != PollOutcome::ended) {
      if (!wait_while_held(cancellation)) return Error(ErrorKind::cancelled, "the replay was cancelled");
      const auto began = parts_.clock->steady();
      RawBatch raw;
      PENSTOCK_ASSIGN(outcome, source->poll(raw, {}, cancellation));
      if (raw.rows() == 0) continue;
      Arrival arrival = decode_arrival(raw, *decoder, name, now, parts_.spec->drift != DriftPolicy::evolve);
      EpochContext context;
      context.now = now;
      std::vector<Flow> flows(sources + program.steps().size());
      Flow::Part part{arrival.rows, {}};
      if (arrival.rows.rows() > 0) {
        const std::int64_t first = context.records.add(arrival.rows);
        part.records.resize(static_cast<std::size_t>(arrival.rows.rows()));
        std::iota(part.records.begin(), part.records.end(), first);
        flows[i].parts.push_back(std::move(part));
      }
      PENSTOCK_TRY(run_epoch(program, std::move(flows), context, false));
      {
        std::lock_guard lock(mutex_);
        report_.rows_done += arrival.records;
      }
      parts_.changed();
      throttle(arrival.records, began, cancellation);
      crash_point("replay.epoch");
    }
  }
  EpochContext context;
  context.now = to_micros(parts_.clock->now());
  return run_epoch(program, std::vector<Flow>(sources + program.steps().size()), context, true);
}

// One pass over the positions and times: which offsets the time range covers in each partition.
Result<ReplayRun::Ranges> ReplayRun::find_ranges(Source& source, Cancellation cancellation) {
  PENSTOCK_ASSIGN(const auto partitions, source.partitions());
  std::vector<Assignment> assignments;
  for (const PartitionRange& partition : partitions) assignments.push_back({partition.partition, partition.earliest, partition.head});
  PENSTOCK_TRY(source.assign(assignments));
  Ranges ranges;
  std::int64_t rows = 0;
  PollOutcome outcome = assignments.empty() ? PollOutcome::ended : PollOutcome::rows;
  while (outcome != PollOutcome::ended) {
    if (!wait_while_held(cancellation)) return Error(ErrorKind::cancelled, "the replay was cancelled");
    RawBatch raw;
    PENSTOCK_ASSIGN(outcome, source.poll(raw, {}, cancellation));
    for (std::int64_t row = 0; row < raw.rows(); ++row) {
      const RawBatch::Record record = raw[row];
      const std::int64_t time = record.source_time_micros, offset = record.position.offset;
      if (time < parts_.replay.warm_up_from || time >= parts_.replay.to_time + kSlackMicros) continue;
      ++rows;
      const auto [found, added] = ranges.try_emplace(record.position.partition, Range{offset, -1, -1});
      Range& range = found->second;
      range.warm_up = std::min(range.warm_up, offset);
      if (time < parts_.replay.from_time || time >= parts_.replay.to_time) continue;
      if (range.from < 0) range.from = offset;
      range.from = std::min(range.from, offset);
      range.until = std::max(range.until, offset + 1);
    }
  }
  std::erase_if(ranges, [](const auto& entry) { return entry.second.from < 0; });
  std::lock_guard lock(mutex_);
  report_.rows_total += rows;
  return ranges;
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
    const bool windowed = !feed.schema->find(origin::offset);
    keep_what_is_in_range(flow, windowed);
    SinkEpoch epoch;
    epoch.epoch = context.epoch;
    for (const Flow::Part& part : flow.parts)
      if (part.rows.rows() > 0) epoch.rows.push_back(part.rows);
    // What is replaced goes away in the commit that brings the first of the new rows.
    if (context.epoch == 1) {
      if (windowed) epoch.replaces.push_back({"window_start", "", 0, parts_.replay.from_time, windows_until_});
      else
        for (const auto& [source, ranges] : ranges_)
          for (const auto& [partition, range] : ranges) epoch.replaces.push_back({std::string(origin::offset), source, partition, range.from, range.until});
    }
    if (epoch.rows.empty() && epoch.replaces.empty()) continue;
    for (const Batch& rows : epoch.rows) delivered_[feed.spec.name] += rows.rows();
    outbox_->stage(feed.spec.name, std::move(epoch), write);
  }
  PENSTOCK_TRY(state_->write(write, false));
  outbox_->publish(context.now);
  return {};
}

void ReplayRun::keep_what_is_in_range(Flow& flow, bool windowed) const {
  for (Flow::Part& part : flow.parts) {
    std::vector<std::int64_t> kept;
    if (windowed) {
      const auto starts = part.rows.find("window_start");
      for (std::int64_t row = 0; starts && row < part.rows.rows(); ++row)
        if (starts->int64(row) >= parts_.replay.from_time && starts->int64(row) < windows_until_) kept.push_back(row);
    } else {
      const ColumnView sources = *part.rows.find(origin::source), partitions = *part.rows.find(origin::partition), offsets = *part.rows.find(origin::offset);
      for (std::int64_t row = 0; row < part.rows.rows(); ++row) {
        const auto source = ranges_.find(std::string(sources.bytes(row)));
        if (source == ranges_.end()) continue;
        const auto range = source->second.find(partitions.int32(row));
        if (range != source->second.end() && offsets.int64(row) >= range->second.from && offsets.int64(row) < range->second.until) kept.push_back(row);
      }
    }
    if (static_cast<std::int64_t>(kept.size()) < part.rows.rows()) part = take(part, kept);
  }
}

Status ReplayRun::deliver(StreamProgram& program, Cancellation cancellation) {
  std::vector<std::unique_ptr<Delivery>> deliveries;
  std::vector<std::string> sinks;
  for (const SinkFeed& feed : program.sinks()) {
    if (!delivered_.contains(feed.spec.name)) continue;
    sinks.push_back(feed.spec.name);
    Delivery::Parts delivery;
    delivery.spec = feed.spec;
    delivery.schema = feed.schema;
    // Of this replay only: the marker of an earlier one is no rival.
    delivery.marker = {state_->id(), feed.spec.name + "~replay-" + parts_.replay.id, 0, parts_.spec->name};
    delivery.whole = true;
    delivery.make_sink = [this, spec = feed.spec] {
      const ConnectionSpec* connection = parts_.launch.workspace->find_connection(spec.connection);
      return parts_.catalog->find(spec.kind)->make_sink(connection ? connection->settings : Settings(), spec.settings, context_for());
    };
    delivery.outbox = outbox_.get();
    delivery.state = state_.get();
    delivery.clock = parts_.clock;
    delivery.refused = [] {};
    delivery.changed = parts_.changed;
    deliveries.push_back(std::make_unique<Delivery>(std::move(delivery)));
  }
  outbox_->flush_now(true);
  if (!outbox_->wait_empty(sinks, std::numeric_limits<std::int64_t>::max(), cancellation))
    return Error(ErrorKind::cancelled, "the pod stops; the next one goes on delivering");
  return {};
}

// Counts, in the tables, what stands where the rows were replaced.
Status ReplayRun::verify(StreamProgram& program) {
  std::int64_t expected = 0, found = 0;
  for (const SinkFeed& feed : program.sinks()) {
    if (feed.spec.kind != "delta" || !delivered_.contains(feed.spec.name) || ranges_.empty()) continue;
    std::string condition;
    if (!feed.schema->find(origin::offset)) {
      condition = "epoch_us(window_start) >= " + std::to_string(parts_.replay.from_time) + " AND epoch_us(window_start) < " + std::to_string(windows_until_);
    } else {
      for (const auto& [source, ranges] : ranges_)
        for (const auto& [partition, range] : ranges)
          condition += (condition.empty() ? "" : " OR ") + ("(_partition = " + std::to_string(partition)) + " AND _offset >= " + std::to_string(range.from) +
                       " AND _offset < " + std::to_string(range.until) + ")";
      if (condition.empty()) continue;
    }
    std::int64_t rows = 0;
    const auto counted = parts_.catalog->table_reader()(parts_.launch.tables_root, feed.spec.table, condition, *parts_.parquet, [&](const Batch& batch) -> Status {
      rows += batch.rows();
      return {};
    });
    if (!counted.ok() && counted.error().kind != ErrorKind::not_found) return counted;
    expected += delivered_[feed.spec.name];
    found += rows;
  }
  const std::int64_t lost = std::max<std::int64_t>(0, expected - found), doubled = std::max<std::int64_t>(0, found - expected);
  std::lock_guard lock(mutex_);
  report_.outcome = std::to_string(found) + " of " + std::to_string(expected) + " rows · " + std::to_string(lost) + " lost · " + std::to_string(doubled) + " doubled";
  return {};
}

bool ReplayRun::wait_while_held(Cancellation cancellation) {
  while (!cancellation.stop_requested()) {
    {
      std::lock_guard lock(mutex_);
      if (cancelled_) return false;
      if (!paused_ && !parts_.live_suffers()) return true;
    }
    wait_for(std::chrono::milliseconds(50), cancellation);
  }
  return false;
}

// With a limit, no faster than that; without, half of the time is left to the live streams.
void ReplayRun::throttle(std::int64_t rows, std::chrono::steady_clock::time_point began, Cancellation cancellation) {
  double limit = 0;
  {
    std::lock_guard lock(mutex_);
    limit = rate_limit_;
  }
  const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(parts_.clock->steady() - began);
  const auto due = limit > 0 ? std::chrono::microseconds(static_cast<std::int64_t>(static_cast<double>(rows) * 1e6 / limit)) : spent * 2;
  if (due > spent) wait_for(std::chrono::duration_cast<std::chrono::milliseconds>(due - spent), cancellation);
}

}  // namespace penstock
