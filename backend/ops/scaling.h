#pragma once

// How many pods a stream has: as its workspace declares, or as an operator has said since, or as its `scale:` policy finds it
// needs. What was said holds until the workspace declares another number.

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "ops/placement.h"
#include "store/audit_log.h"
#include "store/pod_store.h"
#include "telemetry/registry.h"

namespace penstock {

// Thread-safe. The parts outlive it.
class Scaling {
 public:
  struct Parts {
    PodStore& pods;
    AuditLog& audit;
    const TelemetryRegistry& registry;
    const Clock& clock = Clock::system();
  };
  explicit Scaling(Parts parts) : parts_(std::move(parts)) {}

  Result<Scales> scales(const Workspace& workspace) const;
  // invalid_argument: more than it has shards, or less than one; failed_precondition: it has no pods of its own.
  Status scale(const StreamSpec& stream, std::int32_t pods);
  // The same refusals; changes nothing.
  static Status may_have(const StreamSpec& stream, std::int32_t pods);
  // Looks at the streams that have a policy, once a second; true when any is to have more or fewer pods from now on.
  bool consider(const Workspace& workspace);

 private:
  struct Watched {
    std::int64_t behind_since = 0;        // its lag has been over the policy's since then; 0: it is not
    std::int64_t at_ease_since = 0;       // far below it
    std::int64_t scaled_at = 0;
  };
  bool follow(const StreamSpec& stream, std::int32_t now_has);

  const Parts parts_;
  std::mutex mutex_;
  std::map<std::string, Watched> watched_;      // by stream; protected by mutex_
};

}  // namespace penstock
