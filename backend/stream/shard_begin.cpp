// How a shard begins: it asks its sinks what they hold, and goes on only where that was written from this very state, or as an
// operator has chosen (semantics.md, "Exactly once"). Then its steps get their state, computed again where they have changed.

#include <algorithm>
#include <limits>

#include "base/crash_point.h"
#include "stream/shard.h"
#include "stream/staged_files.h"
#include "stream/state_rebuild.h"
#include "workspace/plan.h"

namespace penstock {
namespace {

// A peer that does not answer for so long is asked on aside, and gets nothing before it has answered.
constexpr std::chrono::seconds kPatience{5};

constexpr std::int64_t kNothingClosed = std::numeric_limits<std::int64_t>::min();

std::string held_key(const std::string& sink) { return "held/" + sink; }
}  // namespace

void Shard::tell(const std::string& what_happens) {
  doing_ = what_happens;
  publish();
}

Status Shard::begin(Cancellation cancellation) {
  PENSTOCK_ASSIGN(const auto chosen, state_->get(kChoiceKey));
  const StateChoice choice = state_choice_named(chosen.value_or(""));
  // Steps that are as they were need no answer, and are restored while the sinks are asked.
  PENSTOCK_ASSIGN(const bool as_it_was, steps_are_as_they_were());
  const bool at_once = choice == StateChoice::none && as_it_was;
  if (at_once) PENSTOCK_TRY(restore_steps(cancellation));
  if (!wait_for_answers(choice != StateChoice::none, cancellation)) return {};
  if (choice != StateChoice::none) PENSTOCK_TRY(go_on_from_tables(choice, cancellation));
  else PENSTOCK_TRY(refuse_strangers());
  if (!at_once) PENSTOCK_TRY(restore_steps(cancellation));

  PENSTOCK_TRY(remember_passed());
  std::lock_guard lock(mutex_);
  for (const SourceState& source : sources_) {
    resumed_at_.insert(source.committed.begin(), source.committed.end());
  }
  rows_in_then_ = counters_.rows_in;
  doing_.clear();
  return {};
}

// Where nothing waits every sink has everything; else they have what the oldest that waits says.
Status Shard::remember_passed() {
  for (const SourceState& source : sources_)
    if (!source.committed.empty()) progress_.taken.positions[source.name] = source.committed;
  if (outbox_->oldest_waiting() > epoch_) {
    passed_.start_from(progress_.taken);
    return {};
  }
  Mark passed = progress_.everywhere;
  for (const SinkFeed& feed : program_->sinks()) {
    PENSTOCK_ASSIGN(const auto oldest, outbox_->take(feed.spec.name, 1));
    Progress progress;
    if (!oldest.empty() && Progress::parse(oldest.front().progress, progress)) passed.advance_to(progress.everywhere);
  }
  passed_.start_from(std::move(passed));
  return {};
}

// False when the shard is to stop.
bool Shard::wait_for_answers(bool of_all, Cancellation cancellation) {
  const auto until = parts_.clock->steady() + kPatience;
  const auto answered = [&] {
    return std::all_of(deliveries_.begin(), deliveries_.end(), [&](const auto& delivery) {
      const auto answer = delivery->answer();
      return answer && (answer->is_reached || !of_all);
    });
  };
  while (!cancellation.stop_requested()) {
    if (answered() || (!of_all && parts_.clock->steady() >= until)) return true;
    // Woken by a delivery's answer, which is told without the lock: not for long, as one may come just before it is waited for.
    std::unique_lock lock(mutex_);
    something_changed_.wait_for(lock, cancellation, std::chrono::milliseconds(20), answered);
  }
  return false;
}

// Which peers hold what this state has not written; empty: none of those that have answered.
std::string Shard::stranger() const {
  for (std::size_t i = 0; i < deliveries_.size(); ++i) {
    const auto answer = deliveries_[i]->answer();
    if (!answer || !answer->holding || allowed_[i]) continue;
    const Holding& holding = *answer->holding;
    const SinkSpec& sink = deliveries_[i]->spec();
    const std::string held = (sink.table.empty() ? sink.name : sink.table) + " holds rows up to epoch " + std::to_string(holding.epoch);
    if (holding.state_id != state_->id()) return held + " of another state (" + holding.state_id + "): this one is new, or an older state was put back";
    if (holding.epoch > opened_epoch_)
      return held + ", but the state ends with epoch " + std::to_string(opened_epoch_) + ": an older state was put back";
  }
  return "";
}

Status Shard::refuse_strangers() {
  if (const std::string found = stranger(); !found.empty()) {
    for (auto& delivery : deliveries_) delivery->forbid();
    health_ = StateHealth::lost;
    PENSTOCK_TRY(leave_lineage());
    const std::string name = parts_.spec->name;
    return Error(ErrorKind::failed_precondition, found,
                 "put the newest state back; or `penstockctl resume " + name + " --take-over`, `penstockctl resume " + name +
                     " --rebuild`; or write to another table");
  }
  answers_wait_ = false;
  for (std::size_t i = 0; i < deliveries_.size(); ++i) {
    if (allowed_[i]) continue;
    const auto answer = deliveries_[i]->answer();
    if (answer && answer->is_reached) {
      allowed_[i] = true;
      deliveries_[i]->allow(marker_of(deliveries_[i]->spec().name));
    } else {
      answers_wait_ = true;
    }
  }
  return {};
}

// An older copy, put back: what it would write could be taken for what the newer one wrote under the same epochs.
Status Shard::leave_lineage() {
  for (const auto& delivery : deliveries_)
    if (const auto answer = delivery->answer(); answer && answer->holding && answer->holding->state_id == state_->id()) return state_->renew_id();
  return {};
}

// The positions are those that every table has; what single tables have beyond is left out when it comes again.
Status Shard::go_on_from_tables(StateChoice choice, Cancellation cancellation) {
  tell("it looks up to where its tables are");
  std::map<std::string, Mark> held;
  Mark passed, untold;
  bool is_told = false;
  for (std::size_t i = 0; i < deliveries_.size(); ++i) {
    const auto answer = deliveries_[i]->answer();
    if (!answer || !answer->holding) continue;
    const SinkFeed& feed = program_->sinks()[i];
    Progress progress;
    if (Progress::parse(answer->holding->progress, progress)) {
      is_told = true;
      passed.advance_to(progress.everywhere);
    } else {
      // Not told by its commits any more: by its rows.
      PENSTOCK_ASSIGN(progress.taken, mark_of_table(feed));
      untold = untold.positions.empty() ? progress.taken : earlier_of(untold, progress.taken);
    }
    held[feed.spec.name] = progress.taken;
  }
  if (!is_told) passed = untold;

  StateWrite write;
  const bool is_new = epoch_ == 0;
  if (is_new) {
    PENSTOCK_TRY(take_positions(passed, write));
    Mark until = closed_windows(held, passed);
    until.positions = passed.positions;
    std::vector<std::size_t> stateful;
    for (std::size_t i = 0; i < program_->steps().size(); ++i)
      if (program_->steps()[i]->stateful()) stateful.push_back(i);
    if (choice == StateChoice::rebuild && !stateful.empty()) {
      PENSTOCK_TRY(rebuild(stateful, until, cancellation));
    } else {
      for (const std::size_t step : stateful) {
        StepRunner& runner = *program_->steps()[step];
        if (const auto closed = until.closed.find(runner.spec().name); closed != until.closed.end()) runner.close_until(closed->second);
        PENSTOCK_TRY(runner.log(0, *state_, write));
      }
    }
    for (const std::size_t step : stateful) {
      const StepSpec& spec = program_->steps()[step]->spec();
      write.put(kFingerprintKey + spec.name, state_fingerprint(*parts_.spec, spec));
    }
  } else if (!continues_holdings(held)) {
    return Error(ErrorKind::failed_precondition, "the tables lack rows that this state has taken for delivered, so it cannot go on where they end",
                 "penstockctl resume " + parts_.spec->name + " --rebuild");
  } else {
    for (std::size_t i = 0; i < deliveries_.size(); ++i) {
      const auto answer = deliveries_[i]->answer();
      if (answer && answer->holding && (answer->holding->state_id == state_->id() || answer->holding->state_id == state_->former_id()))
        PENSTOCK_TRY(outbox_->trim(program_->sinks()[i].spec.name, answer->holding->epoch));
    }
    PENSTOCK_TRY(leave_lineage());
  }
  for (std::size_t i = 0; i < deliveries_.size(); ++i) {
    const SinkFeed& feed = program_->sinks()[i];
    const auto found = held.find(feed.spec.name);
    if (found == held.end()) continue;
    write.put(held_key(feed.spec.name), Progress{.taken = found->second}.to_text());
    held_.insert_or_assign(feed.spec.name, HeldRows(found->second, closing_step_of(feed)));
    remove_files_of(*deliveries_[i]->answer()->holding);
  }
  takes_over_ = true;
  write.put(kTookOverKey, "1");
  write.erase(kChoiceKey);
  crash_point("begin.before_commit");
  PENSTOCK_TRY(state_->write(write, true));
  passed_.start_from(passed);
  progress_.everywhere = passed;
  answers_wait_ = false;
  for (std::size_t i = 0; i < deliveries_.size(); ++i) {
    allowed_[i] = true;
    deliveries_[i]->allow(marker_of(deliveries_[i]->spec().name));
  }
  return {};
}

// An older copy of the state that the tables were written from can go on with its own windows and dedupe: what it reads
// again is left out. One that is ahead of a table that it did not write lacks what that table lacks.
bool Shard::continues_holdings(const std::map<std::string, Mark>& held) const {
  for (std::size_t i = 0; i < deliveries_.size(); ++i) {
    const auto answer = deliveries_[i]->answer();
    if (!answer || !answer->holding) continue;
    if (answer->holding->state_id == state_->id() || answer->holding->state_id == state_->former_id()) continue;
    const Mark& taken = held.at(program_->sinks()[i].spec.name);
    std::lock_guard lock(mutex_);
    for (const SourceState& source : sources_)
      for (const auto& [partition, offset] : source.committed)
        if (taken.position(source.name, partition) < offset) return false;
  }
  return true;
}

// The positions behind the last row of each partition, where the table keeps where its rows came from.
Result<Mark> Shard::mark_of_table(const SinkFeed& feed) {
  Mark mark;
  if (feed.spec.kind != "delta" || !feed.schema->find(origin::offset) || !parts_.catalog->row_scanner()) return mark;
  for (std::size_t i = 0; i < program_->sources().size(); ++i) {
    PENSTOCK_ASSIGN(const auto source, make_source(i));
    PENSTOCK_ASSIGN(const auto scan, parts_.catalog->row_scanner()(parts_.launch.tables_root, feed.spec.table, source->name(), feed.schema, *parts_.parquet));
    PENSTOCK_ASSIGN(const auto ranges, scan->partitions());
    for (const PartitionRange& range : ranges)
      if (is_own(range.partition)) mark.positions[source->name()][range.partition] = range.head;
  }
  return mark;
}

// By windowed or joining step: what was closed, and all sinks below it have. Nothing for a step of which that is not known.
Mark Shard::closed_windows(const std::map<std::string, Mark>& held, const Mark& passed) const {
  Mark mark;
  const auto closed_in = [](const Mark& of, const std::string& step) {
    const auto found = of.closed.find(step);
    return found == of.closed.end() ? kNothingClosed : found->second;
  };
  if (passed.positions.empty()) return mark;
  for (const auto& step : program_->steps()) {
    if (!step->closes()) continue;
    const std::string& name = step->spec().name;
    std::int64_t closed = std::numeric_limits<std::int64_t>::max();
    for (const SinkFeed& feed : program_->sinks()) {
      if (closing_step_of(feed) != name) continue;
      const auto found = held.find(feed.spec.name);
      closed = std::min(closed, closed_in(found == held.end() ? passed : found->second, name));
    }
    mark.closed[name] = closed == std::numeric_limits<std::int64_t>::max() ? closed_in(passed, name) : closed;
  }
  return mark;
}

std::string Shard::closing_step_of(const SinkFeed& feed) const {
  if (feed.what != SinkFeed::What::rows) return "";
  const auto step = program_->closing_above(feed.step);
  return step ? program_->steps()[*step]->spec().name : "";
}

// Its `_source`, which is known before it is read only where it was read before.
Status Shard::name_source(std::size_t source) {
  PENSTOCK_ASSIGN(const auto made, make_source(source));
  std::lock_guard lock(mutex_);
  sources_[source].name = made->name();
  return {};
}

Status Shard::take_positions(const Mark& passed, StateWrite& write) {
  for (std::size_t i = 0; i < program_->sources().size(); ++i) {
    PENSTOCK_TRY(name_source(i));
    std::lock_guard lock(mutex_);
    const auto found = passed.positions.find(sources_[i].name);
    if (found == passed.positions.end()) continue;
    sources_[i].committed = found->second;
    for (const auto& [partition, offset] : found->second) write.put(position_key(program_->sources()[i].spec.name, partition), position_value(offset));
  }
  return {};
}

// Files that the other state had finished and its table never got to know.
void Shard::remove_files_of(const Holding& holding) const {
  for (const SinkFeed& feed : program_->sinks())
    if (feed.spec.kind == "delta") remove_staged_files(folder_of(feed), holding.state_id, holding.epoch);
}

Status Shard::restore_held() {
  return state_->scan("held/", [&](std::string_view key, std::string_view value) -> Status {
    Progress progress;
    if (!Progress::parse(value, progress)) return Error(ErrorKind::data_loss, "what a sink holds already is damaged in the stream's state");
    for (const SinkFeed& feed : program_->sinks())
      if (feed.spec.name == key) held_.insert_or_assign(feed.spec.name, HeldRows(std::move(progress.taken), closing_step_of(feed)));
    return {};
  });
}

}  // namespace penstock
