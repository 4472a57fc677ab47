// The state of a shard's steps when it begins: as it was, or computed again because the step has changed (semantics.md,
// "Change of a running stream").

#include "base/log.h"
#include "stream/shard.h"
#include "stream/state_rebuild.h"
#include "workspace/plan.h"

namespace penstock {
namespace {

std::string closed_key(const std::string& step) { return "rebuild/closed/" + step; }

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

// `write` gets what the step is now.
Result<bool> Shard::is_as_it_was(std::size_t index, StateWrite& write) const {
  const StepRunner& step = *program_->steps()[index];
  const std::string fingerprint = state_fingerprint(*parts_.spec, step.spec());
  const std::string key = std::string(kFingerprintKey) + step.spec().name;
  PENSTOCK_ASSIGN(const auto known, state_->get(key));
  if (known == fingerprint) return true;
  write.put(key, fingerprint);
  // A step that was added begins where it stands, or is computed where that can be done.
  return epoch_ == 0 || (!known && !roots_of(*program_, {index}).ok());
}

Result<bool> Shard::steps_are_as_they_were() const {
  StateWrite unused;
  for (std::size_t i = 0; i < program_->steps().size(); ++i) {
    if (!program_->steps()[i]->stateful()) continue;
    PENSTOCK_ASSIGN(const bool same, is_as_it_was(i, unused));
    if (!same) return false;
  }
  return epoch_ > 0;
}

// What has gone to the sinks stays closed, also when computing it again is interrupted.
Result<std::optional<std::int64_t>> Shard::keep_closed(const std::string& step) const {
  PENSTOCK_ASSIGN(auto closed, state_->get(closed_key(step)));
  if (!closed) {
    PENSTOCK_ASSIGN(closed, state_->get("step/" + step + "/window/closed"));
    if (!closed) {
      PENSTOCK_ASSIGN(closed, state_->get("step/" + step + "/join/closed"));
    }
    if (!closed) return std::optional<std::int64_t>();
    StateWrite keep;
    keep.put(closed_key(step), *closed);
    PENSTOCK_TRY(state_->write(keep, true));
  }
  return std::optional(read_key(*closed));
}

// Steps that are as they were get their state back; for the others it is computed again, where that can be done.
Status Shard::restore_steps(Cancellation cancellation) {
  const std::int64_t now = to_micros(parts_.clock->now());
  std::vector<std::size_t> kept, changed;
  StateWrite write;
  Mark until;
  for (std::size_t i = 0; i < program_->steps().size(); ++i) {
    const StepRunner& step = *program_->steps()[i];
    if (!step.stateful()) continue;
    PENSTOCK_ASSIGN(const bool same, is_as_it_was(i, write));
    (same ? kept : changed).push_back(i);
    if (same || !step.closes()) continue;
    PENSTOCK_ASSIGN(const auto closed, keep_closed(step.spec().name));
    if (closed) until.closed[step.spec().name] = *closed;
    write.erase(closed_key(step.spec().name));
  }
  if (!changed.empty()) {
    std::vector<std::size_t> again;
    for (const std::size_t step : changed) {
      if (roots_of(*program_, {step}).ok() && parts_.catalog->row_scanner()) {
        again.push_back(step);
        continue;
      }
      // `plan` has listed it, and the loss was accepted.
      StateWrite empty;
      erase_step_state(program_->steps()[step]->spec().name, empty);
      PENSTOCK_TRY(state_->write(empty, false));
      const auto closed = until.closed.find(program_->steps()[step]->spec().name);
      if (closed != until.closed.end()) program_->steps()[step]->close_until(closed->second);
    }
    for (const SourceState& source : sources_) until.positions[source.name] = source.committed;
    if (!again.empty()) PENSTOCK_TRY(rebuild(again, until, cancellation));
    kept.insert(kept.end(), again.begin(), again.end());
  }
  for (const std::size_t step : kept) PENSTOCK_TRY(program_->steps()[step]->restore(*state_, now));
  return state_->write(write, !changed.empty());
}

Status Shard::rebuild(const std::vector<std::size_t>& steps, const Mark& until, Cancellation cancellation) {
  PENSTOCK_ASSIGN(const auto roots, roots_of(*program_, steps));
  std::vector<std::string> names, tables, landing;
  for (const std::size_t step : steps) names.push_back(program_->steps()[step]->spec().name);
  for (const RebuildRoot& root : roots) {
    tables.push_back(root.table);
    for (const SinkFeed& feed : program_->sinks())
      if (feed.spec.kind == "delta" && feed.spec.table == root.table) landing.push_back(feed.spec.name);
  }
  const std::string what = "the state of " + joined(names) + " is computed again from " + joined(tables);
  tell(what);
  // The tables have to hold what has been taken up to now.
  PENSTOCK_TRY(wait_delivered(landing, epoch_));

  StateRebuild rebuild;
  rebuild.launch = parts_.launch;
  rebuild.spec = parts_.spec;
  rebuild.catalog = parts_.catalog;
  rebuild.parquet = parts_.parquet;
  rebuild.shard = parts_.number;
  rebuild.sql_memory_bytes = parts_.memory.sql;
  rebuild.folder = folder_ + "/rebuild";
  rebuild.steps = steps;
  rebuild.until = until;
  for (const SourceState& source : sources_) rebuild.source_names.push_back(source.name);
  rebuild.now = to_micros(parts_.clock->now());
  rebuild.read = [&](std::int64_t rows) { tell(what + ": " + std::to_string(rows) + " rows so far"); };
  const Status done = rebuild.run(*state_, cancellation);
  if (done.ok()) log_info("stream {}: {}", parts_.spec->name, what);
  return done;
}

}  // namespace penstock
