#include "ops/pod_supervisor.h"

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

void PodSupervisor::desire(std::vector<DesiredPod> pods) {
  const std::lock_guard lock(impl_->mutex_);
  for (auto& [name, pod] : impl_->pods_) pod->is_wanted = false;
  for (DesiredPod& desired : pods) {
    const Impl::Pod pod = impl_->make(desired.spec.name);
    pod->is_wanted = true;
    pod->held.clear();
    // Paused by an operator stays paused over an apply.
    for (StreamStart& start : desired.streams)
      if (const StreamStart* before = pod->find(start.stream)) start.paused |= before->paused;
    pod->desired = std::move(desired);
    pod->retry_stream_at.clear();
  }
}

void PodSupervisor::set_policies(std::vector<HealingPolicy> policies) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->healer_.set_policies(std::move(policies));
}

Status PodSupervisor::set_paused(const std::string& stream, bool paused) {
  Impl::Pod pod;
  {
    const std::lock_guard lock(impl_->mutex_);
    pod = impl_->pod_with(stream);
    if (!pod) return Error(ErrorKind::not_found, "no pod runs " + stream);
    pod->find(stream)->paused = paused;
    if (!paused) impl_->forget_failed(pod, stream);
    if (!pod->is_attached) return {};       // told when it answers
  }
  return impl_->reconcile(pod, stream);
}

Status PodSupervisor::stop_stream(const std::string& stream, const StreamStop& stop) {
  Impl::Pod pod;
  std::shared_ptr<PodLink> link;
  {
    const std::lock_guard lock(impl_->mutex_);
    pod = impl_->pod_with(stream);
    if (!pod) return Error(ErrorKind::not_found, "no pod runs " + stream);
    if (pod->is_attached && pod->running.contains(stream)) link = pod->link;
    // What does not run cannot take what its sources hold.
    if (!link && stop.drain) return Error(ErrorKind::unavailable, "no pod runs " + stream + " at the moment", "penstockctl pods list shows its pod");
    if (!link) pod->held.insert(stream);
  }
  if (!link) return {};
  const std::lock_guard calls(pod->calls);
  PENSTOCK_TRY(link->stop_stream(stream, stop));
  const std::lock_guard lock(impl_->mutex_);
  pod->held.insert(stream);
  pod->running.erase(stream);
  return {};
}

Status PodSupervisor::start_stream(const std::string& stream) {
  Impl::Pod pod;
  {
    const std::lock_guard lock(impl_->mutex_);
    pod = impl_->pod_with(stream);
    if (!pod) return Error(ErrorKind::not_found, "no pod runs " + stream);
    pod->held.erase(stream);
    pod->find(stream)->paused = false;
    impl_->forget_failed(pod, stream);
    if (!pod->is_attached) return {};
  }
  return impl_->reconcile(pod, stream);
}

Status PodSupervisor::start_with(const std::string& stream, StateChoice choice) {
  Impl::Pod pod;
  {
    const std::lock_guard lock(impl_->mutex_);
    pod = impl_->pod_with(stream);
    if (!pod) return Error(ErrorKind::not_found, "no pod runs " + stream);
    if (impl_->health_of(pod, stream) == StateHealth::sound)
      return Error(ErrorKind::failed_precondition, "the state of " + stream + " is the one that its tables were written from", "resume it without a choice");
    pod->held.erase(stream);
    pod->find(stream)->paused = false;
    pod->choices[stream] = choice;
    if (!pod->is_attached) return {};
  }
  return impl_->reconcile(pod, stream);
}

void PodSupervisor::tick() { impl_->tick(); }

std::shared_ptr<PodLink> PodSupervisor::link_of_stream(const std::string& stream) const {
  const std::lock_guard lock(impl_->mutex_);
  const Impl::Pod pod = impl_->pod_with(stream);
  return pod && pod->is_attached ? pod->link : nullptr;
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
