#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "ops/reset.h"
#include "store/audit_log.h"
#include "store/pod_store.h"
#include "telemetry/registry.h"
#include "workspace/spec.h"

namespace penstock {

// Carries out the workspace's healing policies: a pod that is stuck (or silent) for as long as a policy says, or in a crash
// loop, is reset; after `times` resets within `per` the policy gives up into an alarm that the console shows until the pod is
// well again. A dry run is written to the audit log and does nothing. Used by one thread.
class Healer {
 public:
  struct Parts {
    TelemetryRegistry& registry;
    PodStore& pods;
    AuditLog& audit;
  };
  struct Patient {
    std::string pod;
    std::vector<std::string> pipelines;
    bool is_in_crash_loop = false;
    bool is_in_reset = false;
  };
  using Reset = std::function<Status(const ResetRequest&)>;

  explicit Healer(Parts parts) : parts_(parts) {}
  void set_policies(std::vector<HealingPolicy> policies) { policies_ = std::move(policies); }
  void consider(std::int64_t now, const std::vector<Patient>& patients, const Reset& reset);

 private:
  struct Illness {
    std::int64_t since = 0;     // 0: well
    std::string what;           // "stuck", "silent", "in a crash loop"
  };
  Illness examine(const HealingPolicy& policy, const Patient& patient, std::int64_t now) const;
  void treat(std::int64_t now, const HealingPolicy& policy, const Patient& patient, const Illness& illness, const Reset& reset);

  Parts parts_;
  std::vector<HealingPolicy> policies_;
  std::set<std::string> given_up_;      // ids of alarms
  std::set<std::string> rehearsed_;     // illnesses that a dry run has written down
};

}  // namespace penstock
