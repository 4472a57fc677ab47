#include "rpc/workspace_messages.h"

namespace penstock::rpc {
namespace {

const char* name_of(PlanChange::Kind kind) {
  switch (kind) {
    case PlanChange::Kind::added: return "added";
    case PlanChange::Kind::changed: return "changed";
    case PlanChange::Kind::removed: return "removed";
  }
  return "";
}

}  // namespace

void write(const Problem& problem, v1::Problem& message) {
  message.set_file(problem.at.file);
  message.set_line(problem.at.line);
  message.set_column(problem.at.column);
  message.set_message(problem.message);
  message.set_expected(problem.expected);
  message.set_suggestion(problem.suggestion);
}

void write(const AppliedPlan& plan, v1::PlanResponse& message) {
  message.set_running_version(plan.running_version);
  message.set_new_version(plan.new_version);
  for (const auto& change : plan.plan.changes) {
    auto& entry = *message.add_changes();
    entry.set_kind(name_of(change.kind));
    entry.set_object(change.object);
    entry.set_detail(change.detail);
  }
  for (const auto& problem : plan.problems) write(problem, *message.add_problems());
  for (const auto& step : plan.plan.state_lost) message.add_state_lost(step);
}

}  // namespace penstock::rpc
