#include "engine/replays.h"

#include "telemetry/wording.h"

namespace penstock {
namespace {

bool has_ended(const std::string& status) { return status == "done" || status == "failed" || status == "cancelled"; }

}  // namespace

ReplayState replay_state_of(const ReplayRecord& record) {
  return {.id = record.id, .pipeline = record.pipeline, .kind = record.kind, .status = record.status, .rows_total = record.rows_total,
          .rows_done = record.rows_done, .rate_limit = record.rate_limit, .started_at = record.started_at, .ended_at = record.ended_at,
          .outcome = record.outcome, .from_time = record.from_time, .to_time = record.to_time, .who = record.who, .why = record.why};
}

Replays::~Replays() {
  std::map<std::string, Redrive> redrives;
  {
    std::lock_guard lock(mutex_);
    redrives.swap(redrives_);
  }
}

Status Replays::open() {
  PENSTOCK_ASSIGN(const auto unfinished, parts_.store.unfinished());
  for (const auto& record : unfinished) {
    if (record.kind == "replay")
      parts_.registry.set_replay(replay_state_of(record));
    else
      PENSTOCK_TRY(parts_.store.end(record.id, "failed", record.rows_done, "interrupted: the engine ended; rows that were not sent are still open",
                                    to_micros(parts_.clock.now())));
  }
  return {};
}

void Replays::tick() {
  const auto unfinished = parts_.store.unfinished();
  if (!unfinished.ok()) return;
  for (const auto& record : *unfinished) {
    if (record.kind != "replay") continue;
    const auto state = parts_.registry.replay(record.id);
    if (!state) continue;
    if (has_ended(state->status))
      end(record.id, state->status, state->rows_done, state->outcome);
    else if (state->status != record.status || state->rows_done != record.rows_done)
      static_cast<void>(parts_.store.progress(record.id, state->status, state->rows_total, state->rows_done));
  }
}

Result<const StreamSpec*> Replays::stream_of(const AppliedVersionView& version, const std::string& name) const {
  if (const auto* stream = version.workspace->find_stream(name)) return stream;
  return Error(ErrorKind::not_found, "no pipeline is called '" + name + "'", "penstockctl status lists them", name);
}

Result<std::int64_t> Replays::count_rows(const std::string& table, std::int64_t from, std::int64_t to) const {
  const std::string sql = "SELECT count(*) AS n FROM " + table + " WHERE _source_time >= make_timestamptz(" + std::to_string(from) +
                          ") AND _source_time < make_timestamptz(" + std::to_string(to) + ")";
  std::int64_t rows = 0;
  PENSTOCK_TRY(QueryEngine(parts_.tables).run(sql, {}, {}, [](const SchemaPtr&) { return Status(); }, [&](const Batch& batch) {
    rows = batch.column(0).int64(0);
    return Status();
  }));
  return rows;
}

// The source times of the rows at these positions.
Result<std::optional<TimeRange>> Replays::times_of(const std::string& table, const ReplayWish& wish) const {
  std::string condition;
  for (const auto& [source, positions] : wish.from_positions)
    for (const auto& [partition, from] : positions) {
      std::string quoted;
      for (const char c : source) quoted += c == '\'' ? "''" : std::string(1, c);
      condition += (condition.empty() ? "(" : " OR (") + ("_source = '" + quoted) + "' AND _partition = " + std::to_string(partition) + " AND _offset >= " + std::to_string(from);
      const auto until = wish.to_positions.find(source);
      if (until != wish.to_positions.end() && until->second.contains(partition)) condition += " AND _offset < " + std::to_string(until->second.at(partition));
      condition += ")";
    }
  std::optional<TimeRange> range;
  PENSTOCK_TRY(QueryEngine(parts_.tables).run("SELECT epoch_us(min(_source_time)) AS a, epoch_us(max(_source_time)) AS b FROM " + table + " WHERE " + condition, {}, {},
                                              [](const SchemaPtr&) { return Status(); }, [&](const Batch& batch) {
    if (!batch.column(0).is_null(0)) range = TimeRange{batch.column(0).int64(0), batch.column(1).int64(0) + 1};
    return Status();
  }));
  return range;
}

Result<ReplayPlan> Replays::preview(const ReplayWish& wish) const {
  const auto version = parts_.applied.current();
  PENSTOCK_ASSIGN(const auto* stream, stream_of(*version, wish.pipeline));
  return plan_replay(*stream, wish, [this](const auto& table, auto from, auto to) { return count_rows(table, from, to); },
                     [this, &wish](const auto& table) { return times_of(table, wish); });
}

Result<ReplayState> Replays::begin(ReplayRecord record) {
  record.started_at = to_micros(parts_.clock.now());
  PENSTOCK_TRY(parts_.store.put(record));
  parts_.registry.set_replay(replay_state_of(record));
  return replay_state_of(record);
}

void Replays::end(const std::string& id, const std::string& status, std::int64_t rows_done, const std::string& outcome) {
  static_cast<void>(parts_.store.end(id, status, rows_done, outcome, to_micros(parts_.clock.now())));
  const auto record = parts_.store.get(id);
  if (record.ok() && *record) parts_.registry.set_replay(replay_state_of(**record));
}

Result<ReplayState> Replays::start(const ReplayWish& wish, std::int64_t confirmed_rows, const Request& request) {
  PENSTOCK_ASSIGN(auto plan, preview(wish));
  if (plan.sends_again != confirmed_rows && plan.sends_again > 0)
    return Error(ErrorKind::failed_precondition, "this sends " + with_thousands(plan.sends_again) + " rows a second time",
                 "confirm that number, or leave out the sinks that cannot replay");
  PENSTOCK_ASSIGN(const auto pods, parts_.supervisor.links_of_stream(wish.pipeline));
  const auto& launch = plan.launch;
  // Each replays the shards that it has.
  for (const auto& pod : pods) PENSTOCK_TRY(pod->start_replay({.id = request.id, .stream = launch.stream, .from_time = launch.from_time, .to_time = launch.to_time,
                                  .warm_up_from = launch.warm_up_from, .rate_limit = launch.rate_limit, .steps = launch.steps,
                                  .include_sinks = launch.include_sinks, .from_positions = launch.from_positions, .to_positions = launch.to_positions}));
  return begin({.id = request.id, .pipeline = wish.pipeline, .kind = "replay", .status = "running", .rows_total = plan.rows, .rate_limit = wish.rate_limit,
                .from_time = launch.from_time, .to_time = launch.to_time, .who = request.who, .why = request.why});
}

Result<ReplayState> Replays::redrive(const RejectedFilter& filter, double rate_limit, const Request& request) {
  const auto version = parts_.applied.current();
  PENSTOCK_TRY(stream_of(*version, filter.stream));
  PENSTOCK_ASSIGN(const auto preview, preview_redrive(parts_.rejected, filter));
  PENSTOCK_ASSIGN(const auto state, begin({.id = request.id, .pipeline = filter.stream, .kind = "redrive", .status = "running",
                                           .rows_total = preview.rows, .rate_limit = rate_limit, .who = request.who, .why = request.why}));
  const auto send = [this, stream = filter.stream](const std::string& part, const std::vector<RedriveRow>& rows) -> Result<RedriveOutcome> {
    const auto version = parts_.applied.current();
    const auto* spec = version->workspace->find_stream(stream);
    std::map<std::shared_ptr<PodLink>, std::vector<PodRedriveRow>> by_pod;
    for (const auto& row : rows) {
      const auto pod = spec ? parts_.supervisor.link_of_shard(stream, shard_of(row.position.partition, spec->shards)) : nullptr;
      if (!pod) return Error(ErrorKind::unavailable, stream + " does not run, so it takes no rows", "start it first", stream);
      by_pod[pod].push_back({row.source, row.position, row.source_time, row.raw, row.key, row.headers, row.hop, row.step});
    }
    RedriveOutcome sum;
    for (const auto& [pod, sent] : by_pod) {
      PENSTOCK_ASSIGN(const auto outcome, pod->redrive(part, stream, sent));
      sum.accepted += outcome.accepted;
      sum.repeated += outcome.repeated;
      sum.rejected_again += outcome.rejected_again;
    }
    return sum;
  };
  std::lock_guard lock(mutex_);
  auto& redrive = redrives_[request.id];
  redrive.run = std::make_unique<RedriveRun>(request.id, filter, rate_limit, parts_.rejected, send);
  redrive.thread = std::jthread([this, id = request.id, run = redrive.run.get()](const std::stop_token& stop) { carry_out(id, *run, stop); });
  return state;
}

void Replays::carry_out(const std::string& id, RedriveRun& run, const Cancellation& cancellation) {
  std::int64_t done = 0;
  const auto outcome = run.run(cancellation, [&](const RedriveProgress& progress) {
    done = progress.done();
    static_cast<void>(parts_.store.progress(id, "running", progress.rows_total, done));
    if (const auto record = parts_.store.get(id); record.ok() && *record) parts_.registry.set_replay(replay_state_of(**record));
  });
  if (outcome.ok())
    end(id, "done", outcome->done(), outcome_sentence(*outcome));
  else
    end(id, outcome.error().kind == ErrorKind::cancelled ? "cancelled" : "failed", done, outcome.error().message);
}

Result<std::string> Replays::discard(const RejectedFilter& filter, const Request& request) {
  PENSTOCK_ASSIGN(const auto rows, parts_.rejected.mark(filter, "discarded", request.id));
  return count_of(rows, "row") + " discarded; they stay in their table";
}

Result<std::string> Replays::control(const std::string& id, const std::string& action, double rate_limit) {
  {
    std::lock_guard lock(mutex_);
    if (const auto found = redrives_.find(id); found != redrives_.end()) {
      if (action == "cancel") found->second.thread.request_stop();
      if (action == "rate") found->second.run->set_rate(rate_limit);
      if (action == "pause" || action == "resume") found->second.run->set_paused(action == "pause");
      return action + " of redrive " + id;
    }
  }
  const auto state = parts_.registry.replay(id);
  if (!state) return Error(ErrorKind::not_found, "there is no such replay", {}, id);
  PENSTOCK_ASSIGN(const auto pods, parts_.supervisor.links_of_stream(state->pipeline));
  Status first;
  bool any = false;
  for (const auto& pod : pods) {
    const Status status = pod->control_replay(id, action, rate_limit);
    any = any || status.ok();
    if (first.ok()) first = status;
  }
  if (!any) return first.error();
  return action + " of replay " + id;
}

Result<ReplayPage> Replays::list(std::int64_t offset, std::int32_t limit) const {
  PENSTOCK_ASSIGN(auto page, parts_.store.list(offset, limit));
  for (auto& record : page.replays) {
    const auto now = has_ended(record.status) ? std::nullopt : parts_.registry.replay(record.id);
    if (!now) continue;
    record.status = now->status;
    record.rows_total = now->rows_total;
    record.rows_done = now->rows_done;
    record.outcome = now->outcome;
    record.ended_at = now->ended_at;
  }
  return page;
}

}  // namespace penstock
