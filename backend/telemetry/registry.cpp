#include "telemetry/registry.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "telemetry/attention.h"
#include "telemetry/pipeline_tracker.h"
#include "telemetry/pod_tracker.h"
#include "telemetry/replay_tracker.h"

namespace penstock {
namespace {

// Values by key, each with the sequence number at which it last changed.
template <typename Key, typename Value>
class Versioned {
 public:
  // True when it differs from what was known.
  bool put(const Key& key, const Value& value, std::uint64_t sequence) {
    const auto [found, is_new] = values_.try_emplace(key, Entry{value, sequence});
    if (is_new) return true;
    if (found->second.value == value) return false;
    found->second = {value, sequence};
    return true;
  }
  bool remove(const Key& key) { return values_.erase(key) > 0; }
  template <typename Matches>
  bool remove_if(Matches matches) {
    return std::erase_if(values_, [&](const auto& entry) { return matches(entry.first); }) > 0;
  }
  void changed_after(std::uint64_t sequence, std::vector<Value>& out) const {
    for (const auto& [key, entry] : values_)
      if (entry.changed_at > sequence) out.push_back(entry.value);
  }

 private:
  struct Entry {
    Value value;
    std::uint64_t changed_at;
  };
  std::map<Key, Entry> values_;
};

struct Removal {
  std::uint64_t sequence;
  std::string name;
};
constexpr std::size_t kRemovalsRemembered = 1'000;
constexpr std::size_t kReplaysRemembered = 200;

}  // namespace

class TelemetryRegistry::Impl {
 public:
  explicit Impl(const Clock& clock) : clock_(clock) {}

  std::int64_t now() const { return to_micros(clock_.now()); }

  // Each of these is called with mutex_ held, between begin() and finish().
  void begin() { next_ = sequence_ + 1; changed_ = false; }
  void finish() {
    refresh_attention();
    if (!changed_) return;
    sequence_ = next_;
    measured_at_ = now();
    arrived_.notify_all();
  }

  // Those that say so, and those that the supervisor has given it to.
  std::vector<const PodState*> pods_of(const PipelineTracker& pipeline) const {
    std::vector<const PodState*> pods;
    for (const auto& [name, pod] : pods_) {
      const auto& given = pod.state().pipelines;
      if (pipeline.runs_in(name) || std::find(given.begin(), given.end(), pipeline.declaration().name) != given.end()) pods.push_back(&pod.state());
    }
    return pods;
  }

  void refresh_pipeline(PipelineTracker& pipeline) {
    pipeline.refresh(now(), pods_of(pipeline));
    const std::string& name = pipeline.declaration().name;
    changed_ |= pipeline_states_.put(name, pipeline.state(), next_);
    for (const EdgeState& edge : pipeline.edges(now())) changed_ |= edge_states_.put({name, edge.from + "\n" + edge.to}, edge, next_);
    for (const ExpectationState& state : pipeline.expectations())
      changed_ |= expectation_states_.put({name, state.step + "\n" + state.name}, state, next_);
  }

  void follow_mutes(const std::string& name) {
    const auto pipeline = pipelines_.find(name);
    if (pipeline == pipelines_.end()) return;
    pipeline->second.set_mutes(mutes_[name]);
    refresh_pipeline(pipeline->second);
  }

  void refresh_pod(PodTracker& pod) {
    std::map<std::string, std::vector<std::int32_t>> shards;
    for (const auto& [name, pipeline] : pipelines_)
      if (pipeline.declaration().shards > 1)
        if (auto numbers = pipeline.shard_numbers_in(pod.state().name); !numbers.empty()) shards[name] = std::move(numbers);
    pod.set_shards(std::move(shards));
    pod.refresh(now(), [&](const std::string& name) -> const PipelineState* {
      const auto found = pipelines_.find(name);
      return found == pipelines_.end() ? nullptr : &found->second.state();
    });
    changed_ |= pod_states_.put(pod.state().name, pod.state(), next_);
  }

  void refresh_replay(ReplayTracker& replay) {
    replay.refresh(now());
    changed_ |= replay_states_.put(replay.state().id, replay.state(), next_);
  }

  void refresh_attention() {
    std::vector<const PipelineTracker*> pipelines;
    for (const auto& [name, pipeline] : pipelines_) pipelines.push_back(&pipeline);
    std::vector<PodState> pods;
    for (const auto& [name, pod] : pods_) pods.push_back(pod.state());
    std::vector<Attention> alarms;
    for (const auto& [id, alarm] : alarms_) alarms.push_back(alarm);
    auto cards = what_needs_you(pipelines, pods, alarms);
    if (cards == attention_) return;
    attention_ = std::move(cards);
    attention_changed_at_ = next_;
    changed_ = true;
  }

  void removed(std::deque<Removal>& log, const std::string& name) {
    log.push_back({next_, name});
    changed_ = true;
    if (log.size() <= kRemovalsRemembered) return;
    forgotten_up_to_ = std::max(forgotten_up_to_, log.front().sequence);
    log.pop_front();
  }

  void remove_pipeline(const std::string& name) {
    pipeline_states_.remove(name);
    edge_states_.remove_if([&](const auto& key) { return key.first == name; });
    expectation_states_.remove_if([&](const auto& key) { return key.first == name; });
    removed(removed_pipelines_, name);
  }

  // A new version may have other steps: what is left of the old ones must go from every reader's picture, so each gets a full one.
  void forget_shape(PipelineTracker& pipeline) {
    const std::string& name = pipeline.declaration().name;
    pipeline.forget_shape();
    edge_states_.remove_if([&](const auto& key) { return key.first == name; });
    expectation_states_.remove_if([&](const auto& key) { return key.first == name; });
    forgotten_up_to_ = next_;
    changed_ = true;
  }

  void forget_old_replays() {
    while (replays_.size() > kReplaysRemembered) {
      auto oldest = replays_.end();
      for (auto at = replays_.begin(); at != replays_.end(); ++at)
        if (!at->second.is_active() && (oldest == replays_.end() || at->second.state().started_at < oldest->second.state().started_at)) oldest = at;
      if (oldest == replays_.end()) return;
      replay_states_.remove(oldest->first);
      replays_.erase(oldest);
    }
  }

  std::vector<BackgroundWork> background() const {
    std::vector<BackgroundWork> all;
    for (const auto& [id, replay] : replays_)
      if (replay.is_active()) all.push_back(replay.background());
    for (const auto& [id, work] : background_) all.push_back(work);
    return all;
  }

  const Clock& clock_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  mutable std::condition_variable_any arrived_;
  std::uint64_t sequence_ = 1;          // 0 means "never looked"
  std::uint64_t next_ = 2;
  bool changed_ = false;
  std::int64_t measured_at_ = 0;
  std::uint64_t forgotten_up_to_ = 0;   // removals up to here are no longer known

  std::map<std::string, PipelineTracker> pipelines_;
  std::map<std::string, PodTracker> pods_;
  std::map<std::string, ReplayTracker> replays_;
  std::map<std::string, BackgroundWork> background_;
  std::map<std::string, Attention> alarms_;
  std::map<std::string, PipelineTracker::Mutes> mutes_;         // by pipeline, also of those that are not declared

  Versioned<std::string, PipelineState> pipeline_states_;
  Versioned<std::pair<std::string, std::string>, EdgeState> edge_states_;
  Versioned<std::pair<std::string, std::string>, ExpectationState> expectation_states_;
  Versioned<std::string, PodState> pod_states_;
  Versioned<std::string, ReplayState> replay_states_;
  std::vector<Attention> attention_;
  std::uint64_t attention_changed_at_ = 0;
  std::deque<Removal> removed_pipelines_, removed_pods_;
};

TelemetryRegistry::TelemetryRegistry(const Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}
TelemetryRegistry::~TelemetryRegistry() = default;

void TelemetryRegistry::declare(std::vector<PipelineDeclaration> pipelines) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  std::set<std::string> names;
  for (PipelineDeclaration& declaration : pipelines) {
    const std::string name = declaration.name;
    names.insert(name);
    const auto [found, is_new] = impl_->pipelines_.try_emplace(name, declaration);
    if (!is_new) found->second.declare(std::move(declaration));
    found->second.set_mutes(impl_->mutes_[name]);
    impl_->refresh_pipeline(found->second);
  }
  for (auto at = impl_->pipelines_.begin(); at != impl_->pipelines_.end();) {
    if (names.contains(at->first)) { ++at; continue; }
    impl_->remove_pipeline(at->first);
    at = impl_->pipelines_.erase(at);
  }
  impl_->finish();
}

void TelemetryRegistry::report(const PodReport& report) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  const std::int64_t now = impl_->now();
  PodTracker& pod = impl_->pods_.try_emplace(report.pod, report.pod).first->second;
  pod.add(now, report);
  std::set<std::string> reported;
  for (const StreamReport& stream : report.streams) {
    const auto found = impl_->pipelines_.find(stream.stream);
    if (found == impl_->pipelines_.end()) continue;     // removed from the workspace, and about to be stopped
    if (found->second.is_of_other_version(stream)) impl_->forget_shape(found->second);
    found->second.add(now, stream, report.pod, report.started_at);
    reported.insert(stream.stream);
  }
  for (const std::string& stream : reported) {
    PipelineTracker& pipeline = impl_->pipelines_.at(stream);
    pipeline.follow(now);
    impl_->refresh_pipeline(pipeline);
  }
  for (const ReplayReport& replay : report.replays) {
    ReplayTracker& tracker = impl_->replays_[replay.id];
    tracker.add(now, replay);
    impl_->refresh_replay(tracker);
  }
  impl_->forget_old_replays();
  impl_->refresh_pod(pod);
  impl_->finish();
}

void TelemetryRegistry::set_pod(const PodFacts& facts) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  PodTracker& pod = impl_->pods_.try_emplace(facts.name, facts.name).first->second;
  pod.set(impl_->now(), facts);
  impl_->refresh_pod(pod);
  for (auto& [name, pipeline] : impl_->pipelines_) {
    const auto pods = impl_->pods_of(pipeline);
    if (std::find(pods.begin(), pods.end(), &pod.state()) != pods.end()) impl_->refresh_pipeline(pipeline);
  }
  impl_->finish();
}

void TelemetryRegistry::remove_pod(const std::string& name) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  if (impl_->pods_.erase(name) > 0) {
    impl_->pod_states_.remove(name);
    impl_->removed(impl_->removed_pods_, name);
  }
  impl_->finish();
}

void TelemetryRegistry::set_problem(const std::string& pipeline, const std::string& problem) {
  const std::lock_guard lock(impl_->mutex_);
  const auto found = impl_->pipelines_.find(pipeline);
  if (found == impl_->pipelines_.end()) return;
  impl_->begin();
  found->second.set_problem(problem);
  impl_->refresh_pipeline(found->second);
  impl_->finish();
}

void TelemetryRegistry::set_replay(const ReplayState& replay) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  ReplayTracker& tracker = impl_->replays_[replay.id];
  tracker.set(impl_->now(), replay);
  impl_->refresh_replay(tracker);
  impl_->forget_old_replays();
  impl_->finish();
}

void TelemetryRegistry::set_background(const BackgroundWork& work) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->background_[work.id] = work;
}

void TelemetryRegistry::end_background(const std::string& id) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->background_.erase(id);
}

void TelemetryRegistry::set_alarm(const Attention& alarm) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  impl_->alarms_[alarm.id] = alarm;
  impl_->finish();
}

void TelemetryRegistry::clear_alarm(const std::string& id) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  impl_->alarms_.erase(id);
  impl_->finish();
}

void TelemetryRegistry::mute(const Mute& mute) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  impl_->mutes_[mute.pipeline][{mute.step, mute.expectation}] = mute;
  impl_->follow_mutes(mute.pipeline);
  impl_->finish();
}

void TelemetryRegistry::unmute(const std::string& pipeline, const std::string& step, const std::string& expectation) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  impl_->mutes_[pipeline].erase({step, expectation});
  impl_->follow_mutes(pipeline);
  impl_->finish();
}

void TelemetryRegistry::tick() {
  const std::lock_guard lock(impl_->mutex_);
  impl_->begin();
  for (auto& [name, pipeline] : impl_->pipelines_) impl_->refresh_pipeline(pipeline);
  for (auto& [name, pod] : impl_->pods_) impl_->refresh_pod(pod);
  for (auto& [id, replay] : impl_->replays_) impl_->refresh_replay(replay);
  impl_->finish();
}

std::uint64_t TelemetryRegistry::sequence() const {
  const std::lock_guard lock(impl_->mutex_);
  return impl_->sequence_;
}

TelemetryChanges TelemetryRegistry::changes_since(std::uint64_t after) const {
  const std::lock_guard lock(impl_->mutex_);
  const Impl& known = *impl_;
  TelemetryChanges changes;
  changes.full = after == 0 || after > known.sequence_ || after < known.forgotten_up_to_;
  if (changes.full) after = 0;
  changes.sequence = known.sequence_;
  changes.at = known.measured_at_;
  known.pipeline_states_.changed_after(after, changes.pipelines);
  known.edge_states_.changed_after(after, changes.edges);
  known.expectation_states_.changed_after(after, changes.expectations);
  known.pod_states_.changed_after(after, changes.pods);
  known.replay_states_.changed_after(after, changes.replays);
  if (!changes.full) {
    for (const Removal& removal : known.removed_pipelines_)
      if (removal.sequence > after && !known.pipelines_.contains(removal.name)) changes.removed_pipelines.push_back(removal.name);
    for (const Removal& removal : known.removed_pods_)
      if (removal.sequence > after && !known.pods_.contains(removal.name)) changes.removed_pods.push_back(removal.name);
  }
  changes.attention_changed = changes.full || known.attention_changed_at_ > after;
  if (changes.attention_changed) changes.attention = known.attention_;
  changes.background = known.background();
  return changes;
}

bool TelemetryRegistry::wait_for_change(std::uint64_t after, std::chrono::milliseconds timeout, std::stop_token stop) const {
  std::unique_lock lock(impl_->mutex_);
  return impl_->arrived_.wait_for(lock, stop, timeout, [&] { return impl_->sequence_ > after; });
}

std::optional<PipelineState> TelemetryRegistry::pipeline(const std::string& name) const {
  const std::lock_guard lock(impl_->mutex_);
  const auto found = impl_->pipelines_.find(name);
  return found == impl_->pipelines_.end() ? std::nullopt : std::optional(found->second.state());
}

std::optional<PodState> TelemetryRegistry::pod(const std::string& name) const {
  const std::lock_guard lock(impl_->mutex_);
  const auto found = impl_->pods_.find(name);
  return found == impl_->pods_.end() ? std::nullopt : std::optional(found->second.state());
}

std::optional<ReplayState> TelemetryRegistry::replay(const std::string& id) const {
  const std::lock_guard lock(impl_->mutex_);
  const auto found = impl_->replays_.find(id);
  return found == impl_->replays_.end() ? std::nullopt : std::optional(found->second.state());
}

std::optional<StreamReport> TelemetryRegistry::stream_report(const std::string& stream) const {
  const std::lock_guard lock(impl_->mutex_);
  const auto found = impl_->pipelines_.find(stream);
  return found == impl_->pipelines_.end() ? std::nullopt : found->second.report();
}

std::vector<StreamReport> TelemetryRegistry::shards_in(const std::string& pod, const std::string& stream) const {
  const std::lock_guard lock(impl_->mutex_);
  const auto found = impl_->pipelines_.find(stream);
  return found == impl_->pipelines_.end() ? std::vector<StreamReport>() : found->second.shards_in(pod);
}

std::vector<ExpectationState> TelemetryRegistry::expectations() const { return full().expectations; }

}  // namespace penstock
