#pragma once

// What pod_supervisor.cpp does behind its calls: the life of each pod, from process to link to streams to exit.
// Private to it.

#include <map>
#include <mutex>
#include <set>

#include "ops/healer.h"
#include "ops/managed_pod.h"
#include "ops/pod_supervisor.h"

namespace penstock {

class PodSupervisor::Impl {
 public:
  using Lock = std::unique_lock<std::mutex>;
  using Pod = std::shared_ptr<ManagedPod>;

  static constexpr std::int64_t kCrashLoopSpan = 60'000'000;
  static constexpr std::size_t kCrashLoopExits = 3;
  static constexpr std::int64_t kWellAfter = 30'000'000;      // running for so long, it is in no crash loop
  static constexpr std::int64_t kStreamRetry = 5'000'000;
  static constexpr std::size_t kRoundsInOneTick = 64;         // a shard moves in two

  static bool does_not_answer(ErrorKind kind) { return kind == ErrorKind::unavailable || kind == ErrorKind::deadline_exceeded; }

  Impl(Parts parts, Options options)
      : parts_(std::move(parts)), options_(options), healer_({parts_.registry, parts_.pods, parts_.audit}) {}

  ~Impl() {
    // Links deliver reports until they are gone, and those need the mutex.
    for (auto& [name, pod] : pods_) pod->link.reset();
  }

  std::int64_t now() const { return to_micros(parts_.clock.now()); }
  Pod make(const std::string& name);
  // Those that are to have the stream, or shards of it.
  std::vector<Pod> pods_with(const std::string& stream) const {
    std::vector<Pod> pods;
    for (const auto& [name, pod] : pods_)
      if (pod->is_wanted && pod->find(stream)) pods.push_back(pod);
    return pods;
  }
  // Calls `change` for each of them, then brings those that answer to what is desired; the first error.
  Status for_each_with(const std::string& stream, const std::function<Status(const Pod&)>& change);
  void attach_process(const Pod& pod, const PodProcess& process);
  void start_process(const Pod& pod);
  void back_off(const Pod& pod);
  void ask_to_end(const Pod& pod, Duration grace);
  void end_reset(const Pod& pod, const std::string& why_failed);
  void finish_reset(const Pod& pod);
  void on_exit(const PodExit& exit);
  std::string last_words(const Pod& pod) const;
  void on_report(const std::weak_ptr<ManagedPod>& weak, PodReport report);
  // pod_leases.cpp: which shards a pod has, may have and is to have. A set of kAllShards stands for a whole stream.
  using Shards = std::set<std::int32_t>;
  static constexpr std::int32_t kAllShards = -1;
  static Shards shards_of(const StreamStart& start);
  bool is_leased_elsewhere(const Pod& pod, const std::string& stream, std::int32_t shard) const;
  // What of the stream the pod is to take over from others, and has not made itself ready for.
  std::optional<StreamStart> coming(const Pod& pod, const std::string& stream) const;
  static bool is_ready_for(const Pod& pod, const StreamStart& start, std::int32_t shard);
  Status prepare(Lock& lock, const Pod& pod, const StreamStart& start);
  // What runs by now has to be prepared again before it comes the next time.
  static void use_prepared(const Pod& pod, const StreamStart& started);
  // Is another pod to have the shard; `at_once`: one that is ready for it?
  bool is_due_elsewhere(const Pod& pod, const std::string& stream, std::int32_t shard, bool at_once) const;
  bool is_in_flight(const std::string& stream) const;
  bool has_taker(const Pod& pod) const;
  // What is desired of the stream in this pod now: what is given to others goes one shard at a time, once they can take it.
  std::optional<StreamStart> due(const Pod& pod, const std::string& stream) const;
  // Writes down what the pod is about to get, under a number that nobody had before.
  Status lease(const Pod& pod, StreamStart& start);
  // One stream of a pod is brought to what is desired. Called without the lock.
  Status reconcile(const Pod& pod, const std::string& stream);
  std::set<std::string> streams_of(const Pod& pod) const;
  void reconcile_all(Lock& lock, const Pod& pod);
  // Damage that comes to light in a reset is mended by it; what else keeps a stream from starting ends it.
  void meet_in_reset(const Pod& pod, const std::string& stream, const Error& error);
  // One that has failed is started again when it is asked to go on.
  void forget_failed(const Pod& pod, const std::string& stream);
  StateHealth health_of(const Pod& pod, const std::string& stream) const;
  void try_to_attach(Lock& lock, const Pod& pod);
  void advance_reset(const Pod& pod);
  // Tables are read without the lock: that takes a while.
  void count_delivered(Lock& lock, const Pod& pod);
  void step(Lock& lock, const Pod& pod);
  void publish(const Pod& pod);
  void tick();
  void heal(Lock& lock);
  Status begin_reset(Lock&, const ResetRequest& request, ResetObserver observer);
  Result<ResetPreview> preview(const std::string& name) const;

  Parts parts_;
  const Options options_;
  std::mutex ticking_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, Pod> pods_;
  Healer healer_;
  std::vector<std::shared_ptr<PodLink>> dropped_;
  bool has_moved_ = false;              // a shard went from one pod towards another in this tick
};

}  // namespace penstock
