#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "penstock/v1/common.pb.h"
#include "rpc/call_context.h"
#include "store/audit_log.h"

namespace penstock::rpc {

// What a command is about to do, for the audit log.
struct CommandSubject {
  std::string action;         // "reset pod"
  std::string target;         // "loyalty-0"
  std::string touches;        // "loyalty, gold.points"
  std::string state;          // the target's state now: refused when the operator saw another one; empty: has none
};

// Every call that changes something goes through here: written to the audit log, then run, then its outcome
// written. The same command id runs once: sent again, it answers the first outcome. Thread-safe.
class Commands {
 public:
  // A sentence for the operator: what came of it.
  using Work = std::function<Result<std::string>()>;

  explicit Commands(AuditLog& audit, const Clock& clock = Clock::system()) : audit_(audit), clock_(clock) {}

  // invalid_argument: no id. failed_precondition: the state is not what the operator saw, or the first command of
  // this id failed or still runs.
  Result<v1::CommandOutcome> run(const CallContext& call, const v1::Command& command, const CommandSubject& subject, const Work& work);

 private:
  AuditLog& audit_;
  const Clock& clock_;
};

}  // namespace penstock::rpc
