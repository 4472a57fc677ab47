#include "stream/pod_runtime.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <mutex>

#include "stream/pod_parquet.h"
#include "stream/replay_run.h"
#include "stream/shard.h"

namespace penstock {

class PodRuntime::Impl {
 public:
  Impl(const ConnectorCatalog& catalog, Options options)
      : catalog_(catalog),
        options_(std::move(options)),
        started_at_(to_micros(options_.clock->now())),
        parquet_(MemoryPlan::split(options_.memory_bytes, 1).parquet) {}

  Status start(const StreamLaunch& launch) {
    if (auto running = find(launch.stream)) {
      if (running->launch.version == launch.version && !running->shard->failed()) return launch.paused ? running->shard->pause() : running->shard->resume();
      running.reset();       // remove() waits until nobody else holds it
      remove(launch.stream);
    }
    const StreamSpec* spec = launch.workspace->find_stream(launch.stream);
    if (!spec) return Error(ErrorKind::not_found, "the workspace has no stream '" + launch.stream + "'");
    Shard::Parts parts;
    parts.launch = launch;
    parts.spec = spec;
    parts.catalog = &catalog_;
    parts.parquet = &parquet_;
    parts.memory = MemoryPlan::split(options_.memory_bytes, static_cast<std::int64_t>(launch.workspace->streams.size()));
    parts.epoch_rows = options_.epoch_rows;
    parts.clock = options_.clock;
    parts.changed = [this] { changed(); };
    PENSTOCK_ASSIGN(std::unique_ptr<Shard> shard, Shard::open(std::move(parts)));
    {
      std::lock_guard lock(mutex_);
      streams_[launch.stream] = std::make_shared<Running>(Running{launch, std::move(shard)});
    }
    for (const ReplayLaunch& replay : ReplayRun::unfinished(launch.state_root, launch.stream)) PENSTOCK_TRY(start_replay(replay));
    return {};
  }

  Status stop(const std::string& stream, const StopRequest& request) {
    auto running = find(stream);
    if (!running) return Error(ErrorKind::not_found, "this pod does not run stream '" + stream + "'");
    if (request.pause) return running->shard->pause();
    if (request.drain) return running->shard->drain(request.close_windows);      // stays, stopped, so that its report can be read
    running.reset();
    remove(stream);
    return {};
  }

  PodReport report() const {
    PodReport report;
    report.pod = options_.pod;
    report.at = to_micros(options_.clock->now());
    report.started_at = started_at_;
    report.cpu_seconds = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    for (const auto& running : all()) report.streams.push_back(running->shard->report());
    std::lock_guard lock(mutex_);
    for (const auto& [id, replay] : replays_) report.replays.push_back(replay->report());
    return report;
  }

  void on_change(std::function<void()> changed) {
    std::lock_guard lock(changed_mutex_);
    changed_ = std::move(changed);
  }

  Result<std::vector<TailPart>> table_tail(const std::string& table) const {
    std::vector<TailPart> tail;
    for (const auto& running : all()) {
      std::vector<TailPart> parts = running->shard->table_tail(table);
      tail.insert(tail.end(), std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
    }
    return tail;
  }

  Result<std::vector<Batch>> step_rows(const std::string& stream, const std::string& step) const {
    const auto running = find(stream);
    if (!running) return Error(ErrorKind::not_found, "this pod does not run stream '" + stream + "'");
    return running->shard->step_rows(step);
  }

  Status start_replay(const ReplayLaunch& launch) {
    const auto running = find(launch.stream);
    if (!running) return Error(ErrorKind::not_found, "this pod does not run stream '" + launch.stream + "'");
    if (!catalog_.table_scanner()) return Error(ErrorKind::unsupported, "there are no tables to replay from");
    if (launch.from_time >= launch.to_time) return Error(ErrorKind::invalid_argument, "the range is empty", "give a `to` that is after `from`");
    ReplayRun::Parts parts;
    parts.launch = running->launch;
    parts.spec = parts.launch.workspace->find_stream(launch.stream);
    parts.replay = launch;
    parts.catalog = &catalog_;
    parts.parquet = &parquet_;
    parts.memory = MemoryPlan::split(options_.memory_bytes, 4);
    parts.clock = options_.clock;
    parts.flush_live = [this, stream = launch.stream]() -> Result<FlushedShard> {
      const auto live = find(stream);
      if (!live) return Error(ErrorKind::unavailable, "the stream stopped while it was to be replayed");
      return live->shard->flush();
    };
    parts.live_suffers = [this, stream = launch.stream, objective = parts.spec->objectives.freshness] {
      const auto live = find(stream);
      return live && objective && live->shard->report().behind_micros > objective->count();
    };
    parts.changed = [this] { changed(); };
    auto replay = std::make_unique<ReplayRun>(std::move(parts));
    std::lock_guard lock(mutex_);
    if (!replays_.try_emplace(launch.id, std::move(replay)).second) return Error(ErrorKind::already_exists, "replay " + launch.id + " is known already");
    return {};
  }

  Status control_replay(const std::string& id, const std::string& action, double rate_limit) {
    std::lock_guard lock(mutex_);
    const auto found = replays_.find(id);
    if (found == replays_.end()) return Error(ErrorKind::not_found, "this pod runs no replay " + id);
    return found->second->control(action, rate_limit);
  }

  Result<RedriveOutcome> redrive(const std::string& command_id, const std::string& stream, const std::vector<RedriveRow>& rows) {
    const auto running = find(stream);
    if (!running) return Error(ErrorKind::not_found, "this pod does not run stream '" + stream + "'");
    return running->shard->redrive(command_id, rows);
  }

 private:
  struct Running {
    StreamLaunch launch;
    std::unique_ptr<Shard> shard;
  };

  std::shared_ptr<Running> find(const std::string& stream) const {
    std::lock_guard lock(mutex_);
    const auto found = streams_.find(stream);
    return found == streams_.end() ? nullptr : found->second;
  }

  std::vector<std::shared_ptr<Running>> all() const {
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Running>> running;
    for (const auto& [name, one] : streams_) running.push_back(one);
    return running;
  }

  // The shard ends when the last call that uses it has returned; its state is free from then on.
  void remove(const std::string& stream) {
    std::shared_ptr<Running> running;
    {
      std::lock_guard lock(mutex_);
      running = std::move(streams_[stream]);
      streams_.erase(stream);
    }
    while (running.use_count() > 1) std::this_thread::yield();
  }

  void changed() {
    std::lock_guard lock(changed_mutex_);
    if (changed_) changed_();
  }

  // Constant after construction.
  const ConnectorCatalog& catalog_;
  const Options options_;
  const std::int64_t started_at_;

  std::mutex changed_mutex_;
  std::function<void()> changed_;        // protected by changed_mutex_

  PodParquet parquet_;                   // used by sinks until their streams are gone: declared before them

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Running>> streams_;
  std::map<std::string, std::unique_ptr<ReplayRun>> replays_;      // ended ones too: their outcome is reported
};

PodRuntime::PodRuntime(const ConnectorCatalog& catalog, Options options) : impl_(std::make_unique<Impl>(catalog, std::move(options))) {}
PodRuntime::~PodRuntime() = default;

Status PodRuntime::start(const StreamLaunch& launch) { return impl_->start(launch); }
Status PodRuntime::stop(const std::string& stream, const StopRequest& request) { return impl_->stop(stream, request); }
PodReport PodRuntime::report() const { return impl_->report(); }
void PodRuntime::on_change(std::function<void()> changed) { impl_->on_change(std::move(changed)); }
Result<std::vector<TailPart>> PodRuntime::table_tail(const std::string& table) const { return impl_->table_tail(table); }
Result<std::vector<Batch>> PodRuntime::step_rows(const std::string& stream, const std::string& step) const { return impl_->step_rows(stream, step); }
Result<RedriveOutcome> PodRuntime::redrive(const std::string& command_id, const std::string& stream, const std::vector<RedriveRow>& rows) {
  return impl_->redrive(command_id, stream, rows);
}

Status PodRuntime::start_replay(const ReplayLaunch& launch) { return impl_->start_replay(launch); }
Status PodRuntime::control_replay(const std::string& id, const std::string& action, double rate_limit) { return impl_->control_replay(id, action, rate_limit); }

}  // namespace penstock
