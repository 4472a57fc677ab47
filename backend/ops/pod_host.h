#pragma once

// Where pods live: processes of this machine (local_pod_host.h), later Kubernetes. The one contract behind start,
// reset and adoption, so that resetting a pod is real without a cluster.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace penstock {

struct PodSpec {
  std::string name;                     // "shared-0", "loyalty-0": [a-z0-9_-], unique in the workspace
  std::int64_t memory_bytes = 256 << 20;
};

// One run of a pod.
struct PodProcess {
  std::string name;
  std::string address;                  // gRPC target: "unix:/…/pod.sock", "127.0.0.1:40123"
  std::string token;                    // for loopback TCP; empty where the socket's file permissions guard it
  std::int64_t process_id = 0;
  std::int64_t process_start = 0;       // with process_id: this run and no other, even when ids are used again
  std::int64_t started_at = 0;          // micros
  std::string log_file;                 // empty where logs are not files
};

struct PodExit {
  std::string name;
  std::int64_t process_id = 0;
  std::string reason;                   // "ended with 3", "killed by signal 9 (SIGKILL)", "gone" (of an adopted one)
  bool clean = false;                   // ended with 0
};

struct PodUsage {
  double cpu_seconds = 0;               // since its start
  std::int64_t memory_bytes = 0;        // resident
};

// Thread-safe. No call waits for a pod to do something: what became of it is told by exits().
class PodHost {
 public:
  virtual ~PodHost() = default;

  // already_exists: a pod of this name runs. Answers when the process exists, before it listens.
  virtual Result<PodProcess> start(const PodSpec& spec) = 0;
  // Asks the process to drain and end (SIGTERM). not_found: no such pod runs.
  virtual Status terminate(const std::string& name) = 0;
  // Ends it now, with all that it started (SIGKILL). not_found: no such pod runs.
  virtual Status kill(const std::string& name) = 0;
  // Pods that run, of this engine or adopted, by name.
  virtual std::vector<PodProcess> list() = 0;
  // Takes over pods of an earlier engine of this workspace that still run, and cleans up after those that do not.
  virtual Result<std::vector<PodProcess>> adopt() = 0;
  // Pods that ended since the last call.
  virtual std::vector<PodExit> exits() = 0;
  // The last `lines` lines it wrote, oldest first; also after it ended. not_found: nothing is known of it.
  virtual Result<std::vector<std::string>> logs(const std::string& name, std::int32_t lines) = 0;
  virtual Result<PodUsage> usage(const std::string& name) = 0;
  // "local": what PodState.host shows.
  virtual std::string kind() const = 0;
};

}  // namespace penstock
