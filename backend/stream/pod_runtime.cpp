#include "stream/pod_runtime.h"

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "io/row_contract.h"
#include "stream/contract_sampling.h"
#include "stream/kept_contracts.h"
#include "stream/live_objectives.h"
#include "stream/pod_parquet.h"
#include "stream/replay_run.h"
#include "stream/shard.h"

namespace penstock {
namespace {

// The contract with the columns that a source has gained which knows its columns; none for others.
std::optional<std::string> evolved_by_columns(const StreamConnectors& connectors, const SourceSpec& source, const std::string& contract, const std::vector<std::string>& fields) {
  const auto made = connectors.make_source(source);
  const SchemaPtr columns = made.ok() ? (*made)->columns() : nullptr;
  return columns ? row_contract_with(contract, *columns, fields) : std::nullopt;
}

}  // namespace

class PodRuntime::Impl {
 public:
  Impl(const ConnectorCatalog& catalog, Options options)
      : catalog_(catalog),
        options_(std::move(options)),
        started_at_(to_micros(options_.clock->now())),
        parquet_(MemoryPlan::split(options_.memory_bytes, 1).parquet) {}

  ~Impl() {
    worker_.request_stop();
    if (worker_.joinable()) worker_.join();
  }

  Status start(const StreamLaunch& launch) {
    std::lock_guard one_at_a_time(starting_);
    if (auto running = find(launch.stream)) {
      const bool goes_on = running->launch.version == launch.version && launch.state_choice == StateChoice::none;
      if (goes_on && running->sampling) return {};
      if (goes_on && running->shard && !running->shard->failed()) return launch.paused ? running->shard->pause() : running->shard->resume();
      running.reset();       // remove() waits until nobody else holds it
      remove(launch.stream);
    }
    if (!launch.workspace->find_stream(launch.stream)) return Error(ErrorKind::not_found, "the workspace has no stream '" + launch.stream + "'");
    return begin(launch);
  }

  Status stop(const std::string& stream, const StopRequest& request) {
    if (request.pause || request.drain) {
      const auto running = find(stream);
      if (!running) return not_here(stream);
      if (!running->shard) return not_begun(stream);
      return request.pause ? running->shard->pause() : running->shard->drain(request.close_windows);      // stays, stopped, so that its report can be read
    }
    std::lock_guard one_at_a_time(starting_);
    if (!find(stream)) return not_here(stream);
    remove(stream);
    return {};
  }

  PodReport report() const {
    PodReport report;
    report.pod = options_.pod;
    report.at = to_micros(options_.clock->now());
    report.started_at = started_at_;
    report.cpu_seconds = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    for (const auto& running : all()) report.streams.push_back(running->report());
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
      if (!running->shard) continue;
      std::vector<TailPart> parts = running->shard->table_tail(table);
      tail.insert(tail.end(), std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
    }
    return tail;
  }

  Result<std::vector<Batch>> step_rows(const std::string& stream, const std::string& step) const {
    const auto running = find(stream);
    if (!running) return not_here(stream);
    if (!running->shard) return not_begun(stream);
    return running->shard->step_rows(step);
  }

  Status start_replay(const ReplayLaunch& launch) {
    const auto running = find(launch.stream);
    if (!running) return not_here(launch.stream);
    if (!running->shard) return not_begun(launch.stream);
    if (!catalog_.table_scanner()) return Error(ErrorKind::unsupported, "there are no tables to replay from");
    if (launch.from_positions.empty() && launch.from_time >= launch.to_time) return Error(ErrorKind::invalid_argument, "the range is empty", "give a `to` that is after `from`");
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
      if (!live || !live->shard) return Error(ErrorKind::unavailable, "the stream stopped while it was to be replayed");
      return live->shard->flush();
    };
    parts.live_suffers = [this, stream = launch.stream, objectives = std::make_shared<LiveObjectives>(parts.spec->objectives)] {
      const auto live = find(stream);
      return live && live->shard && objectives->missed(live->shard->report(), to_micros(options_.clock->now()));
    };
    parts.live_waits = [this, stream = launch.stream] {
      const auto live = find(stream);
      if (!live || !live->shard) return false;
      const StreamReport report = live->shard->report();
      return report.status == PipelineStatus::catching_up || !report.held_by_sink.empty();
    };
    parts.cpu = options_.cpu;
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
    if (!running) return not_here(stream);
    if (!running->shard) return not_begun(stream);
    return running->shard->redrive(command_id, rows);
  }

 private:
  // A stream has its shard, or its contract is inferred first, or it could not go on with another contract.
  struct Running {
    StreamLaunch launch;                       // with the contracts that the stream has come to
    std::unique_ptr<Shard> shard;
    std::unique_ptr<ContractSampling> sampling;
    StreamReport said;                         // while there is neither

    StreamReport report() const { return shard ? shard->report() : sampling ? sampling->report() : said; }
  };

  static Error not_here(const std::string& stream) {
    return Error(ErrorKind::not_found, "this pod does not run stream '" + stream + "'", "if it was applied or moved just now, try again in a moment", stream);
  }
  static Error not_begun(const std::string& stream) {
    return Error(ErrorKind::unavailable, "stream '" + stream + "' has not begun: its contract is not known yet");
  }

  // Nothing of the stream runs.
  Status begin(const StreamLaunch& launch) {
    auto running = std::make_shared<Running>();
    running->launch = with_kept_contracts(launch);
    const StreamSpec* spec = running->launch.workspace->find_stream(launch.stream);
    const bool is_unknown = std::any_of(spec->sources.begin(), spec->sources.end(), [&](const SourceSpec& source) { return must_be_inferred(launch, source, catalog_) || must_be_fetched(launch, source); });
    if (is_unknown) {
      running->sampling = std::make_unique<ContractSampling>(ContractSampling::Parts{
          launch, &catalog_, &parquet_, options_.clock, [this] { changed(); }, [this, launch] { begin_again(launch); }});
    } else {
      Shard::Parts parts;
      parts.launch = running->launch;
      parts.spec = spec;
      parts.catalog = &catalog_;
      parts.parquet = &parquet_;
      parts.memory = MemoryPlan::split(options_.memory_bytes, static_cast<std::int64_t>(launch.workspace->streams.size()));
      parts.epoch_rows = options_.epoch_rows;
      parts.window_rows = options_.window_rows;
      parts.clock = options_.clock;
      parts.changed = [this] { changed(); };
      if (options_.state_failed) parts.state_failed = [this, stream = launch.stream](const Error& error) { options_.state_failed(stream, error); };
      parts.evolve = [this, launch](const SourceSpec& source, const RawBatch& sample, const std::vector<std::string>& fields) -> Result<bool> {
        const ContractEvolution* evolution = catalog_.find_evolution(source.format);
        if (!evolution) return false;
        const std::string path = source.contract.empty() ? "" : (std::filesystem::path(launch.workspace->root) / source.contract).string();
        const StreamConnectors connectors{&catalog_, &launch, &parquet_, options_.clock};
        std::optional<std::string> evolved = evolved_by_columns(connectors, source, path, fields);
        if (!evolved) {
          PENSTOCK_ASSIGN(auto registry, connectors.make_registry(source));
          PENSTOCK_ASSIGN(evolved, (*evolution)({path, source.settings, std::move(registry)}, sample, fields));
        }
        if (!evolved) return false;
        PENSTOCK_TRY(keep_contract(launch, source.name, *evolved));
        begin_again(launch);
        return true;
      };
      PENSTOCK_ASSIGN(running->shard, Shard::open(std::move(parts)));
    }
    {
      std::lock_guard lock(mutex_);
      streams_[launch.stream] = running;
    }
    if (running->shard)
      for (const ReplayLaunch& replay : ReplayRun::unfinished(launch.state_root, launch.stream))
        if (const Status started = start_replay(replay); !started.ok() && started.error().kind != ErrorKind::already_exists) return started;
    return {};
  }

  // The stream as it runs now ends, and begins with the contracts that are kept by then. Any thread; done aside.
  void begin_again(StreamLaunch launch) {
    launch.state_choice = StateChoice::none;
    std::lock_guard lock(mutex_);
    again_.push_back(std::move(launch));
    again_changed_.notify_all();
  }

  void work(Cancellation cancellation) {
    while (!cancellation.stop_requested()) {
      StreamLaunch launch;
      {
        std::unique_lock lock(mutex_);
        if (!again_changed_.wait(lock, cancellation, [this] { return !again_.empty(); })) return;
        launch = std::move(again_.front());
        again_.pop_front();
      }
      std::lock_guard one_at_a_time(starting_);
      auto running = find(launch.stream);
      if (!running || running->launch.version != launch.version) continue;      // it was stopped or changed meanwhile
      StreamReport said = running->report();
      said.status = PipelineStatus::starting;
      running.reset();
      replace(launch.stream, only_saying(launch, said));
      const Status begun = begin(launch);
      if (begun.ok()) continue;
      log_error("stream {} cannot begin again: {}", launch.stream, begun.error().to_string());
      said.status = PipelineStatus::failing;
      said.reason = begun.error().to_string();
      replace(launch.stream, only_saying(launch, said));
    }
  }

  static std::shared_ptr<Running> only_saying(const StreamLaunch& launch, StreamReport said) {
    auto running = std::make_shared<Running>();
    running->launch = launch;
    running->said = std::move(said);
    return running;
  }

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
  void remove(const std::string& stream) { replace(stream, nullptr); }
  void replace(const std::string& stream, std::shared_ptr<Running> by) {
    std::shared_ptr<Running> running;
    {
      std::lock_guard lock(mutex_);
      running = std::move(streams_[stream]);
      if (by) streams_[stream] = std::move(by);
      else streams_.erase(stream);
    }
    if (running && running->shard) running->shard->close();
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
  std::deque<StreamLaunch> again_;
  std::condition_variable_any again_changed_;

  std::mutex starting_;                  // one stream starts or stops at a time
  std::jthread worker_{[this](std::stop_token token) { work(token); }};
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
