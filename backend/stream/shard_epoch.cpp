// How a shard makes one epoch: steps, state, outbox, one synced write.

#include <algorithm>
#include <cstring>
#include <future>
#include <numeric>

#include "base/crash_point.h"
#include "base/log.h"
#include "stream/refused_rows.h"
#include "stream/shard.h"
#include "stream/staged_files.h"

namespace penstock {
namespace {

constexpr std::int64_t kRelaxedSyncMicros = 100'000;
constexpr std::size_t kMostDrift = 100;            // fields that are reported: those that are a map's keys may be any number
constexpr std::int64_t kStagedRows = 32'768;       // from so many on, an epoch's rows for a table are a file at once
constexpr std::int64_t kCopiedRows = 1'024;        // the same, of rows of a table's first copy

bool only_creates(const Batch& rows) {
  const auto ops = rows.find(change::op);
  for (std::int64_t row = 0; ops && row < rows.rows(); ++row)
    if (ops->is_null(row) || ops->bytes(row) != change::create) return false;
  return ops.has_value();
}

void append_number(std::int64_t number, std::string& bytes) { bytes.append(reinterpret_cast<const char*>(&number), sizeof number); }

bool take_number(std::string_view& bytes, std::int64_t& number) {
  if (bytes.size() < sizeof number) return false;
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes.remove_prefix(sizeof number);
  return true;
}

// The counters of a step that survive a restart.
template <typename Visit>
void visit_counters(StepReport& step, Visit visit) {
  for (std::int64_t* counter : {&step.rows_in, &step.rows_out, &step.landed, &step.dropped, &step.quarantined, &step.dead, &step.duplicates,
                                &step.late, &step.filtered, &step.warned})
    visit(*counter);
  for (ExpectationReport& expectation : step.expectations) {
    visit(expectation.checked);
    visit(expectation.failed);
    visit(expectation.last_failed_at);
  }
}

}  // namespace

Status Shard::run_epoch(std::vector<Arrival> arrivals, bool close_windows) {
  EpochContext context;
  context.epoch = epoch_ + 1;
  context.now = to_micros(parts_.clock->now());
  context.close_windows = close_windows;
  StateWrite write;

  const std::size_t sources = program_->sources().size();
  std::vector<Flow> flows(sources + program_->steps().size());
  std::vector<Positions> advanced(sources);
  std::vector<Anchors> anchors(sources);
  std::vector<std::vector<Batch>> read(sources);
  bool only_new_keys = true;
  for (Arrival& arrival : arrivals) {
    const std::string& source = arrival.source_name;
    if (!started_[arrival.source]) {
      started_[arrival.source] = true;
      write.put(kSourceKey + program_->sources()[arrival.source].spec.name, source);
      std::lock_guard lock(mutex_);
      sources_[arrival.source].name = source;
      sources_[arrival.source].begun = true;
    }
    for (const std::int32_t partition : arrival.partitions) program_->add_partition(arrival.source, {source, partition}, context.now);
    if (arrival.ended) ended_[arrival.source] = true;
    if (arrival.records > 0 && !arrival.new_keys) only_new_keys = false;
    counters_.rows_in += arrival.records;
    if (arrival.skipped > 0) program_->count_skipped(arrival.source, arrival.skipped);
    for (const auto& [partition, offset] : arrival.next) advanced[arrival.source][partition] = offset;
    for (auto& [partition, anchor] : arrival.anchors) anchors[arrival.source][partition] = std::move(anchor);
    for (const DriftedField& field : arrival.drift) {
      if (parts_.spec->drift == DriftPolicy::fail)
        return Error(ErrorKind::failed_precondition, "field " + field.name + " is not in the contract; nothing of this epoch was written",
                     "add it to the contract, or choose another `drift`, then resume", parts_.spec->at.to_string());
      if (drift_.size() >= kMostDrift && !drift_.contains(field.name)) continue;
      DriftReport& drift = drift_[field.name];
      if (drift.rows == 0) drift = {field.name, field.what, 0, context.now};
      drift.rows += field.rows;
    }
    if (arrival.dead.rows() > 0) {
      const Batch records = dead_records(arrival.dead, source, context.now);
      for (std::int64_t row = 0; row < records.rows(); ++row)
        context.dead_letters.append({"decode", "", arrival.dead_reasons[static_cast<std::size_t>(row)], 0, context.now}, records, row, nullptr, 0);
      context.dead += records.rows();
    }
    if (arrival.rows.rows() > 0) read[arrival.source].push_back(arrival.rows);
  }
  for (std::size_t source = 0; source < sources; ++source) {
    for (Batch& rows : gathered(read[source])) {
      Flow::Part part;
      part.records.resize(static_cast<std::size_t>(rows.rows()));
      std::iota(part.records.begin(), part.records.end(), context.records.add(rows));
      part.rows = std::move(rows);
      flows[source].parts.push_back(std::move(part));
    }
  }
  context.new_keys = only_new_keys;
  PENSTOCK_TRY(add_refused(context, write));
  context.hold_windows = !all_started() && !close_windows;

  for (std::size_t i = 0; i < program_->steps().size(); ++i) {
    std::vector<const Flow*> inputs;
    for (const std::size_t input : program_->inputs_of(i)) inputs.push_back(&flows[input]);
    context.can_recompute = can_recompute(i);
    const StepRunner& step = *program_->steps()[i];
    const bool only_dedupes = step.spec().dedupe && !step.windowed() && !step.spec().aggregate && !step.spec().join;
    if (step.stateful() && !only_dedupes) PENSTOCK_TRY(check_key_places(i, inputs));
    PENSTOCK_ASSIGN(flows[sources + i], program_->steps()[i]->run(inputs, context));
    if (only_dedupes) PENSTOCK_TRY(check_key_places(i, {&flows[sources + i]}));
    recompute_later(i, context.epoch, write);
  }
  for (std::size_t source = 0; source < sources; ++source) {
    for (const auto& [partition, offset] : advanced[source]) {
      write.put(position_key(program_->sources()[source].spec.name, partition), position_value(offset));
      progress_.taken.positions[sources_[source].name][partition] = offset;
    }
    for (const auto& [partition, anchor] : anchors[source]) write.put(anchor_key(program_->sources()[source].spec.name, partition), anchor);
  }
  PENSTOCK_TRY(commit(context, flows, write));
  {
    std::lock_guard lock(mutex_);
    for (std::size_t source = 0; source < sources; ++source) {
      for (const auto& [partition, offset] : advanced[source]) {
        sources_[source].committed[partition] = offset;
        took_input_at_ = epoch_at_;
      }
      for (auto& [partition, anchor] : anchors[source]) {
        sources_[source].first_anchors.try_emplace(partition, anchor);
        sources_[source].anchors[partition] = std::move(anchor);
      }
    }
  }
  for (auto& ingest : ingests_) {
    const std::size_t source = ingest->source();
    if (!advanced[source].empty()) ingest->committed(advanced[source]);
  }
  return {};
}

Status Shard::add_refused(EpochContext& context, StateWrite& write) {
  if (!refused_waiting_.exchange(false)) return {};
  PENSTOCK_ASSIGN(const std::vector<RefusedRows> waiting, waiting_refused(*state_));
  for (const RefusedRows& refused : waiting) {
    erase_waiting_refused(refused, write);
    const auto& sinks = program_->sinks();
    const auto feed = std::find_if(sinks.begin(), sinks.end(), [&](const SinkFeed& one) { return one.spec.name == refused.sink; });
    if (feed != sinks.end() && feed->what == SinkFeed::What::dead_letters) {
      // They are in the table of dead letters, and would be refused again and again.
      log_warn("stream {}: {} dead letters are not in {}: {}", parts_.spec->name, refused.rows.rows(), feed->spec.table, refused.reasons.front());
      continue;
    }
    for (std::int64_t row = 0; row < refused.rows.rows(); ++row)
      context.dead_letters.append({refused.sink, "", refused.reasons[static_cast<std::size_t>(row)], 0, context.now}, refused.rows, row, &refused.rows, row);
  }
  return {};
}

Status Shard::commit(EpochContext& context, std::vector<Flow>& flows, StateWrite& write) {
  const std::size_t sources = program_->sources().size();
  for (std::size_t i = 0; i < program_->steps().size(); ++i) {
    StepRunner& step = *program_->steps()[i];
    if (!step.spec().land.empty()) step.report().landed += flows[sources + i].rows();
    PENSTOCK_TRY(step.log(context.epoch, *state_, write));
  }
  counters_.dead += context.dead;
  PENSTOCK_TRY(feed_sinks(context, flows, write));
  forget_held(write);
  std::string number;
  append_key(context.epoch, number);
  write.put("meta/epoch", number);
  write.put("meta/counters", counters_bytes());

  const bool relaxed = parts_.spec->relaxed_durability;
  const bool sync = !relaxed || context.now - synced_at_ >= kRelaxedSyncMicros;
  crash_point("epoch.before_commit");
  PENSTOCK_TRY(state_->write(write, sync));
  crash_point("epoch.after_commit");
  if (sync) synced_at_ = context.now;

  const std::int64_t now = to_micros(parts_.clock->now());
  epoch_ = context.epoch;
  epoch_at_ = now;
  passed_.add(epoch_, progress_.taken);
  // A sink never gets what a power cut could still take back.
  if (sync) outbox_->publish(now);
  unsynced_ = !sync;
  record_latencies(flows, now);
  remember(flows);
  dirty_ = true;
  return {};
}

bool Shard::sync_due() const { return unsynced_ && to_micros(parts_.clock->now()) - synced_at_ >= kRelaxedSyncMicros; }

Status Shard::sync_now() {
  if (!unsynced_) return {};
  PENSTOCK_TRY(state_->sync());
  synced_at_ = to_micros(parts_.clock->now());
  unsynced_ = false;
  outbox_->publish(synced_at_);
  return {};
}

Status Shard::feed_sinks(EpochContext& context, std::vector<Flow>& flows, StateWrite& write) {
  const std::size_t sources = program_->sources().size();
  const Batch quarantined = context.quarantine.finish();
  const Batch dead = context.dead_letters.finish();
  std::map<std::size_t, Flow> late;
  for (std::size_t i = 0; i < program_->steps().size(); ++i) late[i] = program_->steps()[i]->take_late();

  const std::string progress = progress_now(context.epoch);
  std::vector<std::pair<const SinkFeed*, SinkEpoch>> fed;
  for (const SinkFeed& feed : program_->sinks()) {
    SinkEpoch epoch;
    epoch.epoch = context.epoch;
    // Rows that are redriven, and windows that are computed again, are new also to a sink that was further.
    const auto held = context.mode == EpochMode::live ? held_.find(feed.spec.name) : held_.end();
    const auto add = [&](const Batch& all, std::int64_t window_end = 0, const Batch& partners = {}) {
      const Batch rows = held == held_.end() ? all : held->second.without(all, window_end, partners);
      if (rows.rows() > 0) epoch.rows.push_back(rows);
    };
    switch (feed.what) {
      case SinkFeed::What::rows: {
        const Flow& flow = flows[sources + feed.step];
        for (const Flow::Part& part : flow.parts) {
          if (part.again) epoch.rows.push_back(part.rows);
          else add(part.rows, part.window_end, part.partners);
        }
        for (const std::int64_t start : flow.replaced_windows) epoch.replaces.push_back({"window_start", "", 0, start, start + 1, shard_told_by(feed)});
        break;
      }
      case SinkFeed::What::late:
        for (const Flow::Part& part : late[feed.step].parts) add(part.rows);
        break;
      case SinkFeed::What::quarantine: add(quarantined); break;
      case SinkFeed::What::dead_letters: add(dead); break;
      case SinkFeed::What::index:
        add(quarantined);
        add(dead);
        break;
    }
    epoch.progress = progress;
    if (!epoch.rows.empty() || !epoch.replaces.empty()) fed.emplace_back(&feed, std::move(epoch));
  }

  // Files are written side by side: one waits for the disk while the other is packed. The first of them here.
  std::vector<std::future<Status>> aside;
  for (auto& [feed, epoch] : fed) {
    const bool new_keys = brings_new_keys(*feed, epoch, context);
    if (!new_keys && !is_large(*feed, epoch)) continue;
    const auto how = aside.empty() ? std::launch::deferred : std::launch::async;
    aside.push_back(std::async(how, [this, feed = feed, new_keys, epoch = &epoch] { return stage(*feed, new_keys, *epoch); }));
  }
  Status staged;
  for (auto& one : aside)
    if (const Status status = one.get(); !status.ok()) staged = status;
  PENSTOCK_TRY(staged);
  for (auto& [feed, epoch] : fed) outbox_->stage(feed->spec.name, std::move(epoch), write);
  return {};
}

// What goes beside the markers of this epoch.
std::string Shard::progress_now(std::int64_t epoch) {
  for (const auto& step : program_->steps())
    if (step->closes() && step->closed_until() != Watermark::kNone) progress_.taken.closed[step->spec().name] = step->closed_until();
  progress_.everywhere = passed_.before(std::min(outbox_->oldest_waiting(), epoch));
  return progress_.to_text();
}

// Sinks that were ahead and have been reached.
void Shard::forget_held(StateWrite& write) {
  for (auto held = held_.begin(); held != held_.end();) {
    const bool passed = held->second.passed(progress_.taken);
    if (passed) write.erase("held/" + held->first);
    held = passed ? held_.erase(held) : std::next(held);
  }
}

// As Replacement::shard says it.
std::int32_t Shard::shard_told_by(const SinkFeed& feed) const { return feed.schema->find(origin::shard) ? parts_.number : -1; }

std::string Shard::folder_of(const SinkFeed& feed) const { return table_folder(parts_.launch.tables_root, feed.spec.table); }

bool Shard::is_large(const SinkFeed& feed, const SinkEpoch& epoch) {
  std::int64_t rows = 0;
  for (const Batch& batch : epoch.rows) rows += batch.rows();
  return is_staged(feed.spec) && rows >= kStagedRows && epoch.replaces.empty();
}

// Rows of a table's first copy need not be compared with those that it holds.
bool Shard::brings_new_keys(const SinkFeed& feed, const SinkEpoch& epoch, const EpochContext& context) {
  if (!context.new_keys || context.mode != EpochMode::live || !feed.keeps_keys || feed.what != SinkFeed::What::rows || feed.spec.kind != "delta" || !epoch.replaces.empty()) return false;
  std::int64_t rows = 0;
  for (const Batch& batch : epoch.rows) {
    if (!only_creates(batch)) return false;
    rows += batch.rows();
  }
  return rows >= kCopiedRows;
}

// Many rows go into a finished file now rather than through the state and into a file later.
Status Shard::stage(const SinkFeed& feed, bool new_keys, SinkEpoch& epoch) const {
  PENSTOCK_ASSIGN(StagedFile file, write_staged_file(*parts_.parquet, folder_of(feed), feed, state_->id(), epoch.epoch, new_keys, epoch.rows, to_micros(parts_.clock->now())));
  crash_point("epoch.after_staging");
  epoch.rows.clear();
  epoch.files.push_back(std::move(file));
  return {};
}

// Files of epochs that were not committed.
void Shard::remove_orphaned_files() const {
  for (const SinkFeed& feed : program_->sinks())
    if (feed.spec.kind == "delta") remove_staged_files(folder_of(feed), state_->id(), epoch_);
}

// From the source's time of a row, or from the end of its window, until the epoch closed.
void Shard::record_latencies(const std::vector<Flow>& flows, std::int64_t now) {
  std::int64_t newest = 0;
  const std::size_t sources = program_->sources().size();
  for (std::size_t i = 0; i < program_->steps().size(); ++i) {
    StepRunner& step = *program_->steps()[i];
    for (const Flow::Part& part : flows[sources + i].parts) {
      if (part.again) continue;      // how late it is says nothing
      if (part.window_end != 0) {
        step.report().latency.record(now - part.window_end, static_cast<std::uint64_t>(part.rows.rows()));
        continue;
      }
      const auto times = part.rows.find(origin::source_time);
      if (!times) continue;
      for (std::int64_t row = 0; row < part.rows.rows(); ++row) {
        if (times->is_null(row)) continue;
        const std::int64_t latency = now - times->int64(row);
        step.report().latency.record(latency);
        if (!step.spec().land.empty()) queryable_.record(latency);
        newest = std::max(newest, times->int64(row));
      }
    }
  }
  std::lock_guard lock(mutex_);
  newest_source_time_ = std::max(newest_source_time_, newest);
}

void Shard::remember(const std::vector<Flow>& flows) {
  const std::size_t sources = program_->sources().size();
  std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < program_->steps().size(); ++i) {
    const StepRunner& step = *program_->steps()[i];
    RecentRows& recent = recent_.try_emplace(step.spec().name, step.output_schema()).first->second;
    for (const Flow::Part& part : flows[sources + i].parts) recent.add(part.rows);
  }
}

std::string Shard::position_key(const std::string& source, std::int32_t partition) {
  std::string key = "position/" + source + "/";
  append_key(partition, key);
  return key;
}

std::string Shard::anchor_key(const std::string& source, std::int32_t partition) {
  std::string key = "anchor/" + source + "/";
  append_key(partition, key);
  return key;
}

std::string Shard::position_value(std::int64_t offset) {
  std::string value;
  append_key(offset, value);
  return value;
}

std::string Shard::counters_bytes() const {
  std::string bytes;
  append_number(counters_.rows_in, bytes);
  append_number(counters_.dead, bytes);
  append_number(counters_.redriven, bytes);
  for (auto& step : program_->steps()) visit_counters(step->report(), [&](std::int64_t counter) { append_number(counter, bytes); });
  return bytes;
}

// A stream whose steps have changed begins to count anew rather than to count wrongly.
Status Shard::restore_counters(std::string_view bytes) {
  std::size_t expected = 3;
  for (auto& step : program_->steps()) visit_counters(step->report(), [&](std::int64_t&) { ++expected; });
  if (bytes.size() != expected * sizeof(std::int64_t)) {
    log_info("stream {}: its steps have changed, so its counters begin at zero", parts_.spec->name);
    return {};
  }
  take_number(bytes, counters_.rows_in);
  take_number(bytes, counters_.dead);
  take_number(bytes, counters_.redriven);
  for (auto& step : program_->steps()) visit_counters(step->report(), [&](std::int64_t& counter) { take_number(bytes, counter); });
  return {};
}

}  // namespace penstock
