#include "ops/pod_supervisor.h"

#include <future>

#include "ops/pod_supervisor_impl.h"

namespace penstock {

PodSupervisor::PodSupervisor(Parts parts) : PodSupervisor(std::move(parts), Options{}) {}
PodSupervisor::PodSupervisor(Parts parts, Options options) : impl_(std::make_unique<Impl>(std::move(parts), options)) {}
PodSupervisor::~PodSupervisor() = default;

Status PodSupervisor::adopt() {
  PENSTOCK_ASSIGN(const auto processes, impl_->parts_.host.adopt());
  const std::lock_guard lock(impl_->mutex_);
  for (const PodProcess& process : processes) {
    const Impl::Pod pod = impl_->make(process.name);
    pod->is_adopted = true;
    pod->is_wanted = false;     // until desire() says otherwise
    impl_->attach_process(pod, process);
  }
  return {};
}

void PodSupervisor::desire(std::vector<DesiredPod> pods, bool keep_stopped) {
  const std::lock_guard lock(impl_->mutex_);
  // Paused by an operator stays paused over an apply, wherever the stream goes.
  std::set<std::string> paused, held;
  for (auto& [name, pod] : impl_->pods_) {
    for (const StreamStart& start : pod->desired.streams)
      if (pod->is_wanted && start.paused) paused.insert(start.stream);
    if (keep_stopped) held.insert(pod->held.begin(), pod->held.end());
    pod->is_wanted = false;
  }
  for (DesiredPod& desired : pods) {
    const Impl::Pod pod = impl_->make(desired.spec.name);
    pod->is_wanted = true;
    pod->held.clear();
    for (StreamStart& start : desired.streams) {
      start.paused |= paused.contains(start.stream);
      if (held.contains(start.stream)) pod->held.insert(start.stream);
    }
    pod->desired = std::move(desired);
    pod->retry_stream_at.clear();
  }
}

void PodSupervisor::set_policies(std::vector<HealingPolicy> policies) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->healer_.set_policies(std::move(policies));
}

Status PodSupervisor::Impl::for_each_with(const std::string& stream, const std::function<Status(const Pod&)>& change) {
  std::vector<Pod> answering;
  {
    const std::lock_guard lock(mutex_);
    const std::vector<Pod> pods = pods_with(stream);
    if (pods.empty()) return Error(ErrorKind::not_found, "no pod runs " + stream);
    for (const Pod& pod : pods) {
      PENSTOCK_TRY(change(pod));
      if (pod->is_attached) answering.push_back(pod);       // others are told when they answer
    }
  }
  Status first;
  for (const Pod& pod : answering)
    if (const Status status = reconcile(pod, stream); first.ok() && !status.ok()) first = status;
  return first;
}

Status PodSupervisor::set_paused(const std::string& stream, bool paused) {
  return impl_->for_each_with(stream, [&](const Impl::Pod& pod) {
    pod->find(stream)->paused = paused;
    if (!paused) impl_->forget_failed(pod, stream);
    return Status();
  });
}

Status PodSupervisor::stop_stream(const std::string& stream, const StreamStop& stop) {
  std::vector<std::pair<Impl::Pod, std::shared_ptr<PodLink>>> running;
  {
    const std::lock_guard lock(impl_->mutex_);
    const std::vector<Impl::Pod> pods = impl_->pods_with(stream);
    if (pods.empty()) return Error(ErrorKind::not_found, "no pod runs " + stream);
    for (const Impl::Pod& pod : pods) {
      const bool runs = pod->is_attached && pod->running.contains(stream);
      // What does not run cannot take what its sources hold.
      if (!runs && stop.drain) return Error(ErrorKind::unavailable, "no pod runs " + stream + " at the moment", "penstockctl pods list shows its pods");
      // What was drained is still its pod's, and its state open, until it is stopped.
      const bool holds = runs || (!stop.drain && !stop.pause && pod->is_attached && pod->leased.contains(stream));
      if (holds) running.emplace_back(pod, pod->link);
      else pod->held.insert(stream);
    }
  }
  // Side by side: a pod drains for as long as its sources have rows.
  std::vector<std::future<Status>> stopped;
  for (const auto& [pod, link] : running)
    stopped.push_back(std::async(running.size() > 1 ? std::launch::async : std::launch::deferred, [&, this, pod = pod, link = link]() -> Status {
      const std::lock_guard calls(pod->calls);
      const Status status = link->stop_stream(stream, stop);
      const std::lock_guard lock(impl_->mutex_);
      const bool was_drained = !pod->running.contains(stream);
      if (!status.ok() && !(was_drained && status.error().kind == ErrorKind::not_found)) return status;
      pod->held.insert(stream);
      pod->running.erase(stream);
      if (!stop.drain) pod->leased.erase(stream);
      return {};
    }));
  Status first;
  for (auto& one : stopped)
    if (const Status status = one.get(); first.ok() && !status.ok()) first = status;
  return first;
}

Status PodSupervisor::start_stream(const std::string& stream) {
  return impl_->for_each_with(stream, [&](const Impl::Pod& pod) {
    pod->held.erase(stream);
    pod->find(stream)->paused = false;
    impl_->forget_failed(pod, stream);
    return Status();
  });
}

Status PodSupervisor::start_with(const std::string& stream, StateChoice choice) {
  bool any_unsound = false;
  {
    const std::lock_guard lock(impl_->mutex_);
    for (const Impl::Pod& pod : impl_->pods_with(stream)) any_unsound |= impl_->health_of(pod, stream) != StateHealth::sound;
    if (!any_unsound && !impl_->pods_with(stream).empty())
      return Error(ErrorKind::failed_precondition, "the state of " + stream + " is the one that its tables were written from", "resume it without a choice");
  }
  return impl_->for_each_with(stream, [&](const Impl::Pod& pod) {
    if (impl_->health_of(pod, stream) == StateHealth::sound) return Status();
    pod->held.erase(stream);
    pod->find(stream)->paused = false;
    pod->choices[stream] = choice;
    return Status();
  });
}

void PodSupervisor::tick() { impl_->tick(); }

Result<std::vector<std::shared_ptr<PodLink>>> PodSupervisor::links_of_stream(const std::string& stream) const {
  const std::lock_guard lock(impl_->mutex_);
  std::vector<std::shared_ptr<PodLink>> links;
  for (const Impl::Pod& pod : impl_->pods_with(stream)) {
    if (!pod->is_attached) return Error(ErrorKind::unavailable, "pod " + pod->desired.spec.name + " of " + stream + " does not answer", "penstockctl pods list shows it", stream);
    links.push_back(pod->link);
  }
  if (links.empty()) return Error(ErrorKind::unavailable, "no pod runs " + stream, "start it first", stream);
  return links;
}

std::vector<std::shared_ptr<PodLink>> PodSupervisor::links_that_may_have(const std::string& stream) const {
  const std::lock_guard lock(impl_->mutex_);
  std::vector<std::shared_ptr<PodLink>> links;
  for (const auto& [name, pod] : impl_->pods_)
    if (pod->is_attached && (pod->leased.contains(stream) || (pod->is_wanted && pod->find(stream)))) links.push_back(pod->link);
  return links;
}

std::shared_ptr<PodLink> PodSupervisor::link_of_shard(const std::string& stream, std::int32_t shard) const {
  const std::lock_guard lock(impl_->mutex_);
  for (const auto& [name, pod] : impl_->pods_) {
    const auto leased = pod->leased.find(stream);
    if (pod->is_attached && leased != pod->leased.end() && (leased->second.contains(shard) || leased->second.contains(Impl::kAllShards))) return pod->link;
  }
  return nullptr;
}

std::shared_ptr<PodLink> PodSupervisor::link_of_pod(const std::string& name) const {
  const std::lock_guard lock(impl_->mutex_);
  const auto found = impl_->pods_.find(name);
  return found != impl_->pods_.end() && found->second->is_attached ? found->second->link : nullptr;
}

std::vector<std::shared_ptr<PodLink>> PodSupervisor::links() const {
  const std::lock_guard lock(impl_->mutex_);
  std::vector<std::shared_ptr<PodLink>> links;
  for (const auto& [name, pod] : impl_->pods_)
    if (pod->is_attached) links.push_back(pod->link);
  return links;
}

Result<ResetPreview> PodSupervisor::preview_reset(const std::string& pod) const { return impl_->preview(pod); }

Status PodSupervisor::begin_reset(const ResetRequest& request, ResetObserver observer) {
  Impl::Lock lock(impl_->mutex_);
  return impl_->begin_reset(lock, request, std::move(observer));
}

void PodSupervisor::stop_all() { desire({}); }

bool PodSupervisor::is_idle() const {
  const std::lock_guard lock(impl_->mutex_);
  return impl_->pods_.empty();
}

}  // namespace penstock
