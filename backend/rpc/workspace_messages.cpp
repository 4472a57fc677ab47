#include "rpc/workspace_messages.h"

#include "io/scalar_text.h"

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
  message.set_message(utf8_text(problem.message));
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

void write(const SourceContracts& source, v1::SourceContracts& message) {
  const auto answer = [](const std::optional<bool>& may) { return !may ? "" : *may ? "yes" : "no"; };
  message.set_source(source.source);
  message.set_declared(source.declared);
  message.set_format(source.format);
  message.set_drift(source.drift == DriftPolicy::fail ? "fail" : source.drift == DriftPolicy::evolve ? "evolve" : "quarantine");
  for (const ContractVersion& version : source.versions) {
    auto& entry = *message.add_versions();
    entry.set_version(version.version);
    entry.set_path(utf8_text(version.path));
    entry.set_kept_at(version.kept_at.value_or(0));
    entry.mutable_columns()->Add(version.columns.begin(), version.columns.end());
    entry.mutable_added()->Add(version.added.begin(), version.added.end());
    entry.mutable_removed()->Add(version.removed.begin(), version.removed.end());
    entry.set_backward(answer(version.backward));
    entry.set_forward(answer(version.forward));
  }
}

}  // namespace penstock::rpc
