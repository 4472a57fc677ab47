#include "rpc/commands.h"
#include "base/log.h"
#include "io/scalar_text.h"

namespace penstock::rpc {
namespace {

Status same_state(const v1::Command& command, const CommandSubject& subject) {
  if (command.expected_state().empty() || subject.state.empty() || command.expected_state() == subject.state) return {};
  return Error(ErrorKind::failed_precondition,
               subject.target + " was " + command.expected_state() + " when you decided; it is " + subject.state + " now",
               "look again, then repeat the command if it is still right", subject.target);
}

Result<v1::CommandOutcome> outcome_of_first(const AuditEntry& first) {
  if (first.ended_at == 0)
    return Error(ErrorKind::failed_precondition, "this command still runs: " + first.action + " " + first.target, "wait for its outcome in the audit log");
  if (first.failed) return Error(ErrorKind::failed_precondition, first.outcome, {}, first.target);
  v1::CommandOutcome outcome;
  outcome.set_command_id(first.command_id);
  outcome.set_outcome(utf8_text(first.outcome));
  outcome.set_repeated(true);
  return outcome;
}

}  // namespace

Result<v1::CommandOutcome> Commands::run(const CallContext& call, const v1::Command& command, const CommandSubject& subject, const Work& work) {
  const AuditEntry entry{.command_id = command.id(), .who = call.who, .at = to_micros(clock_.now()), .action = subject.action,
                         .target = subject.target, .why = command.why(), .touches = subject.touches};
  PENSTOCK_ASSIGN(const auto first, audit_.begin(entry));
  if (first) return outcome_of_first(*first);

  log_info("{} by {}: {}{}", subject.action, call.who, subject.target, command.why().empty() ? "" : " (" + command.why() + ")");
  const auto refused = same_state(command, subject);
  const Result<std::string> result = refused.ok() ? work() : Result<std::string>(refused.error());
  if (!result.ok()) log_warn("{} of {} failed: {}", subject.action, subject.target, result.error().message);
  PENSTOCK_TRY(audit_.end(command.id(), result.ok() ? *result : result.error().message, !result.ok(), to_micros(clock_.now())));
  if (!result.ok()) return result.error();
  v1::CommandOutcome outcome;
  outcome.set_command_id(command.id());
  outcome.set_outcome(utf8_text(*result));
  return outcome;
}

}  // namespace penstock::rpc
