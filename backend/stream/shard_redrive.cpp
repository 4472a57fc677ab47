// Rows out of dead letters or quarantine, a second time through the steps that had rejected them, and the closed
// windows that they belong to (semantics.md, "Redrive").

#include <algorithm>

#include "base/log.h"
#include "stream/shard.h"

namespace penstock {
namespace {

std::string command_key(const std::string& command_id, const std::string& step) { return "command/" + command_id + "/" + step; }

std::string recompute_key(const std::string& step, std::int64_t start) {
  std::string key = "recompute/" + step + "/";
  append_key(start, key);
  return key;
}

}  // namespace

Result<RedriveOutcome> Shard::redrive_now(const std::string& command_id, const std::vector<RedriveRow>& rows) {
  if (failure_) return Error(ErrorKind::failed_precondition, "the stream has failed: " + failure_->message, "reset it, then redrive");
  // Rows are redriven because a seed was mended, also in a stream that stands still.
  if (const auto refreshed = program_->refresh_tables(); !refreshed.ok()) log_warn("stream {}: {}", parts_.spec->name, refreshed.error().to_string());
  RedriveOutcome outcome;
  std::map<std::string, std::vector<const RedriveRow*>> by_step;
  for (const RedriveRow& row : rows) by_step[row.step].push_back(&row);
  for (const auto& [step, of_step] : by_step) {
    PENSTOCK_ASSIGN(const auto done, state_->get(command_key(command_id, step)));
    if (done) {
      outcome.repeated += static_cast<std::int64_t>(of_step.size());
      continue;
    }
    if (const auto status = redrive_step(command_id, of_step, outcome); !status.ok()) {
      fail(status.error());
      return status.error();
    }
  }
  return outcome;
}

// One epoch for all rows that one step had rejected.
Status Shard::redrive_step(const std::string& command_id, const std::vector<const RedriveRow*>& rows, RedriveOutcome& outcome) {
  EpochContext context;
  context.epoch = epoch_ + 1;
  context.now = to_micros(parts_.clock->now());
  context.hop = rows.front()->hop;
  context.hold_windows = !all_started();
  const std::size_t sources = program_->sources().size();
  const std::string& at = rows.front()->step;
  const auto step = program_->find_step(at);

  std::vector<Flow> flows(sources + program_->steps().size());
  for (std::size_t source = 0; source < sources; ++source) {
    RawBatch raw;
    for (const RedriveRow* row : rows) {
      if (row->source != sources_[source].name && sources > 1) continue;
      raw.append({row->position, row->raw, row->key, row->headers, row->source_time, !row->key.empty(), false});
    }
    if (raw.rows() == 0) continue;
    const std::string name = sources > 1 ? sources_[source].name : rows.front()->source;
    PENSTOCK_ASSIGN(const auto decoder, program_->make_decoder(source));
    if (const Readiness ready = decoder->prepare(raw); ready.lacks) return *ready.lacks;
    Arrival arrival = decode_arrival(raw, *decoder, name, context.now, parts_.spec->drift != DriftPolicy::evolve);
    if (arrival.dead.rows() > 0) {
      const Batch records = dead_records(arrival.dead, name, context.now);
      for (std::int64_t row = 0; row < records.rows(); ++row)
        context.dead_letters.append({"decode", "", arrival.dead_reasons[static_cast<std::size_t>(row)], context.hop, context.now}, records, row, nullptr, 0);
    }
    if (arrival.rows.rows() == 0) continue;
    Flow::Part part{arrival.rows, {}};
    const std::int64_t first = context.records.add(arrival.rows);
    for (std::int64_t row = 0; row < arrival.rows.rows(); ++row) part.records.push_back(first + row);
    flows[source].parts.push_back(std::move(part));
  }

  // Steps above the one that rejected the rows only prepare them again; steps beside it are not concerned.
  std::vector<bool> runs(program_->steps().size(), true), prepares(program_->steps().size(), false);
  if (step) {
    runs = program_->from_step_on(*step);
    prepares = program_->above_step(*step);
  }
  StateWrite write;
  for (std::size_t i = 0; i < program_->steps().size(); ++i) {
    if (!runs[i] && !prepares[i]) continue;
    context.mode = runs[i] ? EpochMode::redrive : EpochMode::upstream;
    context.can_recompute = can_recompute(i);
    std::vector<const Flow*> inputs;
    for (const std::size_t input : program_->inputs_of(i)) inputs.push_back(&flows[input]);
    PENSTOCK_ASSIGN(flows[sources + i], program_->steps()[i]->run(inputs, context));
    recompute_later(i, context.epoch, write);
  }
  for (std::size_t i = 0; i < program_->steps().size(); ++i)
    if (!runs[i]) flows[sources + i] = {};      // nothing of the preparation lands a second time

  const std::int64_t rejected = context.quarantine.rows() + context.dead_letters.rows();
  counters_.redriven += static_cast<std::int64_t>(rows.size());
  write.put(command_key(command_id, at), std::to_string(rows.size()));
  PENSTOCK_TRY(commit(context, flows, write));
  outcome.rejected_again += rejected;
  outcome.accepted += static_cast<std::int64_t>(rows.size()) - rejected;
  return {};
}

bool Shard::can_recompute(std::size_t step) const { return program_->landed_input(step) && parts_.catalog->table_reader(); }

void Shard::recompute_later(std::size_t step, std::int64_t epoch, StateWrite& write) {
  const std::string& name = program_->steps()[step]->spec().name;
  for (const std::int64_t start : program_->steps()[step]->take_closed_windows()) {
    std::string value;
    append_key(epoch, value);
    write.put(recompute_key(name, start), value);
    recompute_[{name, start}] = epoch;
  }
}

Status Shard::restore_recomputations() {
  return state_->scan("recompute/", [&](std::string_view key, std::string_view value) -> Status {
    if (key.size() < 9) return Error(ErrorKind::data_loss, "a window that is to be computed again is damaged");
    recompute_[{std::string(key.substr(0, key.size() - 9)), read_key(key)}] = read_key(value);
    return {};
  });
}

// A closed window is computed from its landed input once that table holds the redriven rows.
Status Shard::recompute_due_windows() {
  if (!parts_.catalog->table_reader()) return {};
  const std::size_t sources = program_->sources().size();
  for (auto it = recompute_.begin(); it != recompute_.end();) {
    const auto [name, start] = it->first;
    const auto index = program_->find_step(name);
    const auto table = index ? program_->landed_input(*index) : std::nullopt;
    StateWrite write;
    write.erase(recompute_key(name, start));
    if (!table) {      // it was landed when the row came
      log_warn("stream {}: the input of {} is not landed any more, so its closed window cannot be computed again", parts_.spec->name, name);
      PENSTOCK_TRY(state_->write(write, true));
      it = recompute_.erase(it);
      continue;
    }
    std::vector<std::string> landing;
    for (const SinkFeed& feed : program_->sinks())
      if (feed.spec.kind == "delta" && feed.spec.table == *table) landing.push_back(feed.spec.name);
    PENSTOCK_TRY(sync_now());
    if (!wait_delivered(landing, it->second).ok()) return {};      // later

    StepRunner& step = *program_->steps()[*index];
    const std::string time = step.spec().window->time;
    std::string condition = "epoch_us(\"" + time + "\") >= " + std::to_string(start) + " AND epoch_us(\"" + time + "\") < " + std::to_string(start + step.window_micros());
    if (parts_.spec->shards > 1 && step.input_schema()->find(origin::partition))
      condition += " AND _partition % " + std::to_string(parts_.spec->shards) + " = " + std::to_string(parts_.number);
    else if (step.input_schema()->find(origin::shard))
      condition += " AND _shard = " + std::to_string(parts_.number);
    std::vector<Batch> rows;
    PENSTOCK_TRY(parts_.catalog->table_reader()(parts_.launch.tables_root, *table, condition, *parts_.parquet, [&](const Batch& batch) -> Status {
      rows.push_back(conform(batch, step.input_schema()));
      return {};
    }));

    EpochContext context;
    context.epoch = epoch_ + 1;
    context.now = to_micros(parts_.clock->now());
    context.mode = EpochMode::redrive;
    std::vector<Flow> flows(sources + program_->steps().size());
    PENSTOCK_ASSIGN(flows[sources + *index], step.recompute_window(start, rows, context));
    const std::vector<bool> below = program_->from_step_on(*index);
    for (std::size_t i = *index + 1; i < program_->steps().size(); ++i) {
      if (!below[i]) continue;
      std::vector<const Flow*> inputs;
      for (const std::size_t input : program_->inputs_of(i)) inputs.push_back(&flows[input]);
      context.can_recompute = can_recompute(i);
      PENSTOCK_ASSIGN(flows[sources + i], program_->steps()[i]->run(inputs, context));
      recompute_later(i, context.epoch, write);
    }
    PENSTOCK_TRY(commit(context, flows, write));
    it = recompute_.erase(it);
  }
  return {};
}

}  // namespace penstock
