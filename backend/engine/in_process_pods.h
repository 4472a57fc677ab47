#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ops/pod_host.h"
#include "ops/pod_link.h"

namespace penstock {

// Where streams with `pods: 0` run: a pod without a process.
inline constexpr char kEnginePod[] = "engine-0";

// Pods inside the engine, beside those of another host: supervisor, reset and reports know no difference. A pod that is killed
// here is let go and ends when its streams have closed their epoch; its state refuses the next run until then.
class InProcessPods final : public PodHost {
 public:
  // A pod; `ended` is called when it was asked to shut down and has.
  using MakePod = std::function<std::unique_ptr<PodLink>(const PodSpec&, std::function<void()> ended)>;

  // `processes`: host of all pods but kEnginePod; null: every pod is inside the engine.
  InProcessPods(std::unique_ptr<PodHost> processes, MakePod make);
  ~InProcessPods() override;      // ends the pods in here; those of `processes` go on

  // The pod behind a process of this host; null when it has a process of its own, or has ended.
  std::shared_ptr<PodLink> find(const PodProcess& process) const;

  Result<PodProcess> start(const PodSpec& spec) override;
  Status terminate(const std::string& name) override;
  Status kill(const std::string& name) override;
  std::vector<PodProcess> list() override;
  Result<std::vector<PodProcess>> adopt() override;
  std::vector<PodExit> exits() override;
  Result<std::vector<std::string>> logs(const std::string& name, std::int32_t lines) override;
  Result<PodUsage> usage(const std::string& name) override;
  std::string kind() const override { return processes_ ? processes_->kind() : "in-process"; }

 private:
  // Pods end on a thread of their own: that takes as long as their epochs.
  class Endings;
  struct Pod {
    PodProcess process;
    std::shared_ptr<PodLink> link;
  };

  bool is_here(const std::string& name) const { return !processes_ || name == kEnginePod; }
  void ended(const std::string& name, std::int64_t run);

  const std::unique_ptr<PodHost> processes_;
  const MakePod make_;
  const std::shared_ptr<Endings> endings_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, Pod> pods_;
  std::vector<PodExit> exits_;
  std::int64_t runs_ = 0;
};

}  // namespace penstock
