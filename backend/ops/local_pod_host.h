#pragma once

// Pods as child processes of this machine. Each has a folder `<state root>/pods/<name>/` with `identity.json` (process
// id and start: how the next engine adopts it and how a reused id is told apart before a signal is sent), `pod.log`
// (rotated at 8 MiB, one older kept) and its socket. Children are in a process group of their own, so that Ctrl+C in a
// terminal reaches the engine only and a kill takes what the pod started.

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ops/pod_host.h"

namespace penstock {

class LocalPodHost final : public PodHost {
 public:
  struct Options {
    std::string program;                  // absolute path of penstockd
    // Before `--pod NAME --listen ADDRESS --memory BYTES --state-root DIR`.
    std::vector<std::string> arguments;
    std::string state_root;               // absolute; created when absent
    const Clock* clock = &Clock::system();
  };

  explicit LocalPodHost(Options options);
  // Pods go on: an engine that ends decides itself whether to stop them.
  ~LocalPodHost() override;

  Result<PodProcess> start(const PodSpec& spec) override;
  Status terminate(const std::string& name) override;
  Status kill(const std::string& name) override;
  std::vector<PodProcess> list() override;
  Result<std::vector<PodProcess>> adopt() override;
  std::vector<PodExit> exits() override;
  Result<std::vector<std::string>> logs(const std::string& name, std::int32_t lines) override;
  Result<PodUsage> usage(const std::string& name) override;
  std::string kind() const override { return "local"; }

 private:
  struct Child {
    PodProcess process;
    bool is_ours = true;                  // false: adopted, so its end is seen but not its exit code
  };

  std::string folder_of(const std::string& name) const;
  void forget(const std::string& name);
  void collect_exits();

  const Options options_;

  // Protected by mutex_.
  std::mutex mutex_;
  std::map<std::string, Child> children_;
  std::vector<PodExit> exits_;
};

}  // namespace penstock
