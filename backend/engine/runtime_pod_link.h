#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/applied_folder.h"
#include "ops/pod_link.h"
#include "stream/pod_runtime.h"

namespace penstock {

// Streams of this process behind the contract by which an engine reaches any pod: served over a socket by a pod's process,
// or held by the engine itself for `pods: 0`. Thread-safe.
class RuntimePodLink final : public PodLink {
 public:
  struct Options {
    std::string pod;
    std::int64_t memory_bytes = 256 << 20;
    SettingCatalog declarations;              // to read applied workspaces
    std::function<void()> shut_down;          // asked to end, after a drain where one was wanted
    std::function<void(const std::string& stream, const Error&)> state_failed;      // as PodRuntime says
  };

  RuntimePodLink(const ConnectorCatalog& catalog, Options options);

  Result<PodInfo> info() override;
  Status start_stream(const StreamStart& start) override;
  Status prepare_stream(const StreamStart& start) override;
  Status stop_stream(const std::string& stream, const StreamStop& stop) override;
  Status shut_down(bool drain) override;
  void watch(std::function<void(PodReport)> reported) override;
  Result<std::vector<PodTailPart>> table_tail(const std::string& table) override;
  Result<std::vector<Batch>> step_rows(const std::string& stream, const std::string& step) override;
  Status start_replay(const PodReplay& replay) override;
  Status control_replay(const std::string& id, const std::string& action, double rate_limit) override;
  Result<PodRedriveOutcome> redrive(const std::string& command_id, const std::string& stream, const std::vector<PodRedriveRow>& rows) override;

 private:
  PodReport report() const;
  Result<std::shared_ptr<const Workspace>> workspace_of(const StreamStart& start);
  Result<StreamLaunch> launch_of(const StreamStart& start);

  const Options options_;

  // Protected by mutex_.
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool has_changed_ = true;
  // The applied version of the last start: streams start in bursts of one version.
  std::string loaded_folder_;
  std::shared_ptr<const Workspace> loaded_;

  PodRuntime runtime_;        // stops its streams, which report changes, before what stands above goes
  std::jthread watcher_;      // last: joined first
};

}  // namespace penstock
