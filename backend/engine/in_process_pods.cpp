#include "engine/in_process_pods.h"

#include "base/clock.h"
#include "engine/own_process.h"

namespace penstock {

class InProcessPods::Endings {
 public:
  static void run(const std::shared_ptr<Endings>& endings, std::function<void()> ending) {
    std::lock_guard lock(endings->mutex_);
    ++endings->running_;
    std::thread([endings, ending = std::move(ending)]() mutable {
      ending();
      ending = nullptr;      // may drop a pod, whose ending is then counted before this one is over
      std::lock_guard lock(endings->mutex_);
      --endings->running_;
      endings->over_.notify_all();
    }).detach();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    over_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  // Protected by mutex_.
  std::mutex mutex_;
  std::condition_variable over_;
  int running_ = 0;
};

InProcessPods::InProcessPods(std::unique_ptr<PodHost> processes, MakePod make)
    : processes_(std::move(processes)), make_(std::move(make)), endings_(std::make_shared<Endings>()) {}

InProcessPods::~InProcessPods() {
  std::map<std::string, Pod> pods;
  {
    std::lock_guard lock(mutex_);
    pods.swap(pods_);
  }
  pods.clear();
  endings_->wait();
}

std::shared_ptr<PodLink> InProcessPods::find(const PodProcess& process) const {
  std::lock_guard lock(mutex_);
  const auto found = pods_.find(process.name);
  return found == pods_.end() || found->second.process.process_start != process.process_start ? nullptr : found->second.link;
}

Result<PodProcess> InProcessPods::start(const PodSpec& spec) {
  if (!is_here(spec.name)) return processes_->start(spec);
  std::lock_guard lock(mutex_);
  if (pods_.contains(spec.name)) return Error(ErrorKind::already_exists, "pod " + spec.name + " runs already", {}, spec.name);
  const std::int64_t run = ++runs_;
  PodProcess process{.name = spec.name, .address = "in-process:" + spec.name, .process_id = own_process_id(), .process_start = run,
                     .started_at = to_micros(Clock::system().now())};
  auto* link = make_(spec, [this, name = spec.name, run] { ended(name, run); }).release();
  // Whoever drops the last reference does not wait for the streams.
  std::shared_ptr<PodLink> shared(link, [endings = endings_](PodLink* pod) { Endings::run(endings, [pod] { delete pod; }); });
  pods_[spec.name] = {process, std::move(shared)};
  return process;
}

void InProcessPods::ended(const std::string& name, std::int64_t run) {
  Pod gone;
  std::lock_guard lock(mutex_);
  const auto found = pods_.find(name);
  if (found == pods_.end() || found->second.process.process_start != run) return;
  gone = std::move(found->second);
  pods_.erase(found);
  exits_.push_back({.name = name, .process_id = gone.process.process_id, .reason = "ended", .clean = true});
}

Status InProcessPods::terminate(const std::string& name) {
  if (!is_here(name)) return processes_->terminate(name);
  std::lock_guard lock(mutex_);
  const auto found = pods_.find(name);
  if (found == pods_.end()) return Error(ErrorKind::not_found, "no pod " + name + " runs", {}, name);
  Endings::run(endings_, [link = found->second.link] { static_cast<void>(link->shut_down(true)); });
  return {};
}

Status InProcessPods::kill(const std::string& name) {
  if (!is_here(name)) return processes_->kill(name);
  Pod gone;
  std::lock_guard lock(mutex_);
  const auto found = pods_.find(name);
  if (found == pods_.end()) return Error(ErrorKind::not_found, "no pod " + name + " runs", {}, name);
  gone = std::move(found->second);
  pods_.erase(found);
  exits_.push_back({.name = name, .process_id = gone.process.process_id, .reason = "killed"});
  return {};
}

std::vector<PodProcess> InProcessPods::list() {
  std::vector<PodProcess> all = processes_ ? processes_->list() : std::vector<PodProcess>{};
  std::lock_guard lock(mutex_);
  for (const auto& [name, pod] : pods_) all.push_back(pod.process);
  return all;
}

Result<std::vector<PodProcess>> InProcessPods::adopt() { return processes_ ? processes_->adopt() : std::vector<PodProcess>{}; }

std::vector<PodExit> InProcessPods::exits() {
  std::vector<PodExit> all = processes_ ? processes_->exits() : std::vector<PodExit>{};
  std::lock_guard lock(mutex_);
  all.insert(all.end(), exits_.begin(), exits_.end());
  exits_.clear();
  return all;
}

Result<std::vector<std::string>> InProcessPods::logs(const std::string& name, std::int32_t lines) {
  if (!is_here(name)) return processes_->logs(name, lines);
  return Error(ErrorKind::not_found, "pod " + name + " is part of the engine: its lines are in the engine's log", "penstockctl logs", name);
}

Result<PodUsage> InProcessPods::usage(const std::string& name) {
  if (!is_here(name)) return processes_->usage(name);
  return Error(ErrorKind::not_found, "pod " + name + " has no process of its own: its use is the engine's", {}, name);
}

}  // namespace penstock
