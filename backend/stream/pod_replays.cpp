#include "stream/pod_replays.h"

#include <algorithm>

#include "stream/live_objectives.h"

namespace penstock {

Status PodReplays::start(const ReplayLaunch& replay, const RunningStream& live) {
  std::lock_guard lock(mutex_);
  if (runs_.contains(replay.id)) return Error(ErrorKind::already_exists, "replay " + replay.id + " is known already");
  for (const auto& [number, shard] : live.shards) add(replay, live.launch, number);
  return {};
}

Status PodReplays::control(const std::string& id, const std::string& action, double rate_limit) {
  std::lock_guard lock(mutex_);
  const auto found = runs_.find(id);
  if (found == runs_.end()) return Error(ErrorKind::not_found, "this pod runs no replay " + id);
  Status first;
  bool any = false;
  for (const auto& [number, run] : found->second) {
    const Status status = run->control(action, rate_limit / std::max(run->report().shards, 1));
    any = any || status.ok();
    if (first.ok()) first = status;
  }
  return any ? Status() : first;       // a shard that has come to its end cannot be asked any more
}

void PodReplays::resume(const StreamLaunch& launch, const std::vector<std::int32_t>& shards, const RunningStream& live) {
  for (const std::int32_t number : shards)
    for (const ReplayLaunch& replay : ReplayRun::unfinished(launch.state_root, launch.stream, number)) {
      std::lock_guard lock(mutex_);
      const auto known = runs_.find(replay.id);
      if (known == runs_.end() || !known->second.contains(number)) add(replay, live.launch, number);
    }
}

std::vector<std::unique_ptr<ReplayRun>> PodReplays::take(const std::string& stream, const RunningStream& ended, const RunningStream* goes_on) {
  std::vector<std::unique_ptr<ReplayRun>> taken;
  std::lock_guard lock(mutex_);
  for (auto& [id, replay] : runs_) {
    for (auto& [number, run] : replay) {
      const bool goes = ended.find(number) && !(goes_on && goes_on->find(number)) && run->report().stream == stream && !run->is_over();
      if (goes) taken.push_back(std::move(run));
    }
    std::erase_if(replay, [](const auto& entry) { return !entry.second; });
  }
  return taken;
}

void PodReplays::report(PodReport& report) const {
  std::lock_guard lock(mutex_);
  for (const auto& [id, replay] : runs_)
    for (const auto& [number, run] : replay) report.replays.push_back(run->report());
}

void PodReplays::add(const ReplayLaunch& replay, const StreamLaunch& launch, std::int32_t shard) {
  ReplayRun::Parts run;
  run.launch = launch;
  run.spec = launch.workspace->find_stream(launch.stream);
  run.shard = shard;
  run.runs = static_cast<std::int32_t>(shards_of(launch).size());
  run.replay = replay;
  run.replay.rate_limit /= run.spec->shards;
  run.catalog = parts_.catalog;
  run.parquet = parts_.parquet;
  run.memory = MemoryPlan::split(parts_.memory_bytes, 4);
  run.clock = parts_.clock;
  const auto live_shard = [this, stream = launch.stream, shard] {
    const auto live = parts_.find(stream);
    return live ? live->find(shard) : nullptr;
  };
  run.flush_live = [live_shard]() -> Result<FlushedShard> {
    const auto live = live_shard();
    if (!live) return Error(ErrorKind::unavailable, "the stream stopped while it was to be replayed");
    return live->flush();
  };
  run.live_suffers = [this, live_shard, objectives = std::make_shared<LiveObjectives>(run.spec->objectives)] {
    const auto live = live_shard();
    return live && objectives->missed(live->report(), to_micros(parts_.clock->now()));
  };
  run.live_waits = [live_shard] {
    const auto live = live_shard();
    if (!live) return false;
    const StreamReport report = live->report();
    return report.status == PipelineStatus::catching_up || !report.held_by_sink.empty();
  };
  run.cpu = parts_.cpu;
  run.changed = parts_.changed;
  runs_[replay.id][shard] = std::make_unique<ReplayRun>(std::move(run));
}

}  // namespace penstock
