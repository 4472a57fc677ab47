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
#include "stream/kept_contracts.h"
#include "stream/key_places.h"
#include "stream/pod_parquet.h"
#include "stream/pod_replays.h"
#include "stream/prepared_programs.h"
#include "stream/running_stream.h"

namespace penstock {
namespace {

constexpr std::chrono::milliseconds kBeginPatience{1'000};

// Until nobody else holds it. The count alone does not say that what others did with it is seen here: taking it once more does.
template <typename T>
void wait_until_alone(const std::shared_ptr<T>& held) {
  while (held.use_count() > 1) std::this_thread::yield();
  const std::shared_ptr<T> once_more = held;
}

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
    if (!launch.workspace->find_stream(launch.stream)) return no_such_stream(launch.stream);
    if (auto running = find(launch.stream)) {
      const bool goes_on = running->launch.version == launch.version && launch.state_choice == StateChoice::none;
      if (goes_on && running->sampling && shards_of(running->launch) == shards_of(launch)) return {};
      if (goes_on && !running->shards.empty()) {
        PENSTOCK_TRY(move_shards(std::move(running), launch));
        wait_begun(launch);
        return {};
      }
      running.reset();       // remove() waits until nobody else holds it
      remove(launch.stream);
    }
    PENSTOCK_TRY(begin(launch));
    wait_begun(launch);
    return {};
  }

  Status prepare(const StreamLaunch& launch) {
    if (!launch.workspace->find_stream(launch.stream)) return no_such_stream(launch.stream);
    const StreamLaunch with_contracts = with_kept_contracts(launch);
    if (is_contract_unknown(launch)) return {};        // nothing can be made before it is known
    const std::vector<std::int32_t> coming = shards_of(launch);
    const auto running = find(launch.stream);
    prepared_.keep_only(with_contracts, {coming.begin(), coming.end()});
    for (const std::int32_t number : coming) {
      if (prepared_.has(with_contracts, number)) continue;
      const Shard::Parts parts = parts_of(with_contracts, launch, number, coming.size() + (running ? running->shards.size() : 0));
      PENSTOCK_ASSIGN(auto program, Shard::compile(parts));
      prepared_.put(with_contracts, number, std::move(program));
    }
    return {};
  }

  Status stop(const std::string& stream, const StopRequest& request) {
    if (request.pause || request.drain) {
      const auto running = find(stream);
      if (!running) return not_here(stream);
      PENSTOCK_TRY(running->has_begun());
      return request.pause ? running->set_paused(true) : running->drain(request.close_windows);      // stays, stopped, so that its report can be read
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
    for (const auto& running : all())
      for (StreamReport& shard : running->reports()) report.streams.push_back(std::move(shard));
    replays_.report(report);
    return report;
  }

  void on_change(std::function<void()> changed) {
    std::lock_guard lock(changed_mutex_);
    changed_ = std::move(changed);
  }

  Result<std::vector<TailPart>> table_tail(const std::string& table) const {
    std::vector<TailPart> tail;
    for (const auto& running : all()) {
      std::vector<TailPart> parts = running->table_tail(table);
      tail.insert(tail.end(), std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
    }
    return tail;
  }

  Result<std::vector<Batch>> step_rows(const std::string& stream, const std::string& step) const {
    const auto running = find(stream);
    return running ? running->step_rows(step) : not_here(stream);
  }

  Status start_replay(const ReplayLaunch& launch) {
    const auto running = find(launch.stream);
    if (!running) return not_here(launch.stream);
    PENSTOCK_TRY(running->has_begun());
    if (!catalog_.table_scanner()) return Error(ErrorKind::unsupported, "there are no tables to replay from");
    if (launch.from_positions.empty() && launch.from_time >= launch.to_time) return Error(ErrorKind::invalid_argument, "the range is empty", "give a `to` that is after `from`");
    return replays_.start(launch, *running);
  }

  Status control_replay(const std::string& id, const std::string& action, double rate_limit) { return replays_.control(id, action, rate_limit); }

  Result<RedriveOutcome> redrive(const std::string& command_id, const std::string& stream, const std::vector<RedriveRow>& rows) {
    const auto running = find(stream);
    return running ? running->redrive(command_id, rows) : not_here(stream);
  }

 private:
  static Error no_such_stream(const std::string& stream) { return Error(ErrorKind::not_found, "the workspace has no stream '" + stream + "'"); }
  static Error not_here(const std::string& stream) {
    return Error(ErrorKind::not_found, "this pod does not run stream '" + stream + "'", "if it was applied or moved just now, try again in a moment", stream);
  }

  // Where a stream is spread over pods, its next shard comes once those of this call read again: beginning side by side, each
  // of them would stand still for longer.
  void wait_begun(const StreamLaunch& launch) const {
    const auto running = launch.shards.empty() ? nullptr : find(launch.stream);
    if (!running) return;
    const auto until = options_.clock->steady() + kBeginPatience;
    for (const auto& [number, shard] : running->shards)
      shard->wait_begun(std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(until - options_.clock->steady())));
  }

  // Shards that are asked for and run go on as they are; others end or begin. One that cannot begin leaves the others running.
  Status move_shards(std::shared_ptr<RunningStream> running, const StreamLaunch& launch) {
    auto moved = std::make_shared<RunningStream>();
    moved->launch = running->launch;
    moved->launch.shards = launch.shards;
    moved->launch.lease = launch.lease;
    moved->key_places = running->key_places;
    const std::vector<std::int32_t> wanted = shards_of(launch);
    for (const auto& [number, shard] : running->shards)
      if (std::find(wanted.begin(), wanted.end(), number) != wanted.end() && !shard->failed()) moved->shards.emplace(number, shard);
    if (moved->shards.size() < running->shards.size()) {
      running.reset();
      replace(launch.stream, moved);
    }
    PENSTOCK_TRY(moved->set_paused(launch.paused));
    if (moved->shards.size() == wanted.size()) return {};
    auto grown = std::make_shared<RunningStream>();
    grown->launch = moved->launch;
    grown->launch.paused = launch.paused;
    grown->shards = moved->shards;
    grown->key_places = moved->key_places;
    // Whoever lets it go on after a key was found in two partitions has looked at that.
    if (moved->key_places && moved->key_places->stopped()) moved->key_places->forget_all();
    moved.reset();
    running.reset();
    Status first;
    for (const std::int32_t number : wanted) {
      if (grown->shards.contains(number)) continue;
      auto opened = open_shard(*grown, launch, number, wanted.size());
      if (opened.ok()) grown->shards.emplace(number, std::move(*opened));
      else if (first.ok()) first = opened.error();
    }
    std::vector<std::int32_t> begun;
    for (const auto& [number, shard] : grown->shards) begun.push_back(number);
    replace(launch.stream, grown);
    replays_.resume(launch, begun, *grown);
    return first;
  }

  bool is_contract_unknown(const StreamLaunch& launch) const {
    const auto& sources = launch.workspace->find_stream(launch.stream)->sources;
    return std::any_of(sources.begin(), sources.end(), [&](const SourceSpec& source) { return must_be_inferred(launch, source, catalog_) || must_be_fetched(launch, source); });
  }

  // Nothing of the stream runs.
  Status begin(const StreamLaunch& launch) {
    auto running = std::make_shared<RunningStream>();
    running->launch = with_kept_contracts(launch);
    if (launch.workspace->find_stream(launch.stream)->shards > 1) running->key_places = std::make_shared<KeyPlaces>();
    const std::vector<std::int32_t> shards = shards_of(launch);
    const bool is_unknown = is_contract_unknown(launch);
    if (is_unknown && std::find(shards.begin(), shards.end(), 0) == shards.end())
      return Error(ErrorKind::unavailable, "the pod that has shard 0 of " + launch.stream + " has not come to its contract yet");
    if (is_unknown) {
      running->sampling = std::make_unique<ContractSampling>(ContractSampling::Parts{
          launch, &catalog_, &parquet_, options_.clock, [this] { changed(); }, [this, launch] { begin_again(launch); }});
    } else {
      for (const std::int32_t number : shards) {
        PENSTOCK_ASSIGN(auto shard, open_shard(*running, launch, number, shards.size()));
        running->shards.emplace(number, std::move(shard));
      }
    }
    {
      std::lock_guard lock(mutex_);
      streams_[launch.stream] = running;
    }
    if (!running->shards.empty()) replays_.resume(launch, shards, *running);
    return {};
  }

  // `as_given`: without the contracts that the stream has come to. `here`: shards of the stream in this pod.
  Result<std::unique_ptr<Shard>> open_shard(const RunningStream& stream, const StreamLaunch& as_given, std::int32_t number, std::size_t here) {
    Shard::Parts parts = parts_of(stream.launch, as_given, number, here);
    parts.key_places = stream.key_places;
    return Shard::open(std::move(parts), prepared_.take(stream.launch, number));
  }
  Shard::Parts parts_of(const StreamLaunch& launch, const StreamLaunch& as_given, std::int32_t number, std::size_t here) {
    Shard::Parts parts;
    parts.launch = launch;
    parts.launch.lease = as_given.lease;
    parts.spec = launch.workspace->find_stream(launch.stream);
    parts.catalog = &catalog_;
    parts.parquet = &parquet_;
    // One with pods of its own has each for itself.
    const std::size_t sharing = parts.spec->pods > 0 ? here : launch.workspace->streams.size() + here - 1;
    parts.memory = MemoryPlan::split(options_.memory_bytes, static_cast<std::int64_t>(sharing));
    parts.epoch_rows = options_.epoch_rows;
    parts.window_rows = options_.window_rows;
    parts.clock = options_.clock;
    parts.cpu = options_.cpu;
    parts.number = number;
    parts.changed = [this] { changed(); };
    if (options_.state_failed) parts.state_failed = [this, stream = launch.stream](const Error& error) { options_.state_failed(stream, error); };
    parts.evolve = [this, launch = as_given](const SourceSpec& source, const RawBatch& sample, const std::vector<std::string>& fields) -> Result<bool> {
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
    return parts;
  }

  // The stream as it runs now ends, and begins with the contracts that are kept by then. Any thread; done aside.
  void begin_again(StreamLaunch launch) {
    launch.state_choice = StateChoice::none;
    std::lock_guard lock(mutex_);
    again_.push_back(std::move(launch));
    work_changed_.notify_all();
  }

  void work(Cancellation cancellation) {
    while (!cancellation.stop_requested()) {
      StreamLaunch launch;
      std::vector<std::shared_ptr<Shard>> ended;      // goes after the lock
      {
        std::unique_lock lock(mutex_);
        if (!work_changed_.wait(lock, cancellation, [this] { return !again_.empty() || !ended_.empty(); })) return;
        ended = std::exchange(ended_, {});
        if (again_.empty()) continue;
        launch = std::move(again_.front());
        again_.pop_front();
      }
      std::lock_guard one_at_a_time(starting_);
      auto running = find(launch.stream);
      if (!running || running->launch.version != launch.version) continue;      // it was stopped or changed meanwhile
      StreamReport said = running->reports().front();
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

  static std::shared_ptr<RunningStream> only_saying(const StreamLaunch& launch, StreamReport said) {
    auto running = std::make_shared<RunningStream>();
    running->launch = launch;
    running->said = std::move(said);
    return running;
  }

  std::shared_ptr<RunningStream> find(const std::string& stream) const {
    std::lock_guard lock(mutex_);
    const auto found = streams_.find(stream);
    return found == streams_.end() ? nullptr : found->second;
  }

  std::vector<std::shared_ptr<RunningStream>> all() const {
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<RunningStream>> running;
    for (const auto& [name, one] : streams_) running.push_back(one);
    return running;
  }

  // A shard ends when the last call that uses it has returned; its state is free from then on. One that `by` has, too, goes on.
  void remove(const std::string& stream) {
    prepared_.forget(stream);
    replace(stream, nullptr);
  }
  void replace(const std::string& stream, const std::shared_ptr<RunningStream>& by) {
    std::shared_ptr<RunningStream> running;
    std::vector<std::unique_ptr<ReplayRun>> ended;
    {
      std::lock_guard lock(mutex_);
      running = std::move(streams_[stream]);
      if (by) streams_[stream] = by;
      else streams_.erase(stream);
    }
    if (running) ended = replays_.take(stream, *running, by.get());
    if (running)
      for (const auto& [number, shard] : running->shards)
        if (!by || !by->find(number)) shard->close();
    ended.clear();       // whoever has the shard next goes on with them
    if (!running) return;
    wait_until_alone(running);
    for (auto& [number, shard] : std::exchange(running->shards, {})) {
      if (by && by->find(number)) continue;
      wait_until_alone(shard);
      shard->end();
      // Windows, keys and an engine for SQL take a while to be taken apart, and whoever has the shard next need not wait for it.
      std::lock_guard lock(mutex_);
      ended_.push_back(std::move(shard));
      work_changed_.notify_all();
    }
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
  std::map<std::string, std::shared_ptr<RunningStream>> streams_;
  std::deque<StreamLaunch> again_;
  std::vector<std::shared_ptr<Shard>> ended_;      // have ended, and are not taken apart yet
  std::condition_variable_any work_changed_;

  PreparedPrograms prepared_;
  PodReplays replays_{{&catalog_, &parquet_, options_.memory_bytes, options_.clock, options_.cpu, [this] { changed(); }, [this](const std::string& stream) { return find(stream); }}};
  std::mutex starting_;                  // one stream starts or stops at a time
  std::jthread worker_{[this](std::stop_token token) { work(token); }};
};

PodRuntime::PodRuntime(const ConnectorCatalog& catalog, Options options) : impl_(std::make_unique<Impl>(catalog, std::move(options))) {}
PodRuntime::~PodRuntime() = default;

Status PodRuntime::start(const StreamLaunch& launch) { return impl_->start(launch); }
Status PodRuntime::prepare(const StreamLaunch& launch) { return impl_->prepare(launch); }
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
