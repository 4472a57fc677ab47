#include "engine/workspace_control.h"

#include <algorithm>

#include "engine/applied_folder.h"
#include "engine/connectors.h"
#include "engine/source_columns.h"

namespace penstock {

namespace {

void add_changed_files(const std::string& running_folder, const WorkspaceFiles& wanted, Plan& plan) {
  Problems unreadable;
  const WorkspaceFiles running = read_workspace_files(running_folder, unreadable);
  for (const auto& [path, text] : wanted.files) {
    if (!path.starts_with("contracts/") && !path.starts_with("seeds/")) continue;
    const auto same = running.files.find(path);
    if (same == running.files.end() || same->second != text)
      plan.changes.push_back({same == running.files.end() ? PlanChange::Kind::added : PlanChange::Kind::changed, "file " + path, {}});
  }
}

// Beside what the plan says of a step that is new or changed, or of its new stream.
void say_what_windows_keep(const CheckedWorkspace& checked, Plan& plan) {
  constexpr std::int64_t kRowsPerSecond = 1'000;
  for (const StreamSpec& stream : checked.workspace.streams)
    for (const StepSpec& step : stream.steps) {
      const auto kept = checked.kept_rows.find(stream.name + "." + step.name);
      if (kept == checked.kept_rows.end()) continue;
      const auto change = std::find_if(plan.changes.begin(), plan.changes.end(), [&](const PlanChange& one) {
        return one.kind != PlanChange::Kind::removed && (one.object == "step " + kept->first || (one.object == "stream " + stream.name && one.kind == PlanChange::Kind::added));
      });
      if (change == plan.changes.end()) continue;
      const std::int64_t seconds = std::chrono::ceil<std::chrono::seconds>((step.window->is_session() ? step.window->gap : step.window->size) + step.window->lateness).count();
      change->detail += (change->detail.empty() ? "" : "; ") + std::string("step ") + step.name + " keeps every row until its window closes: about " + std::to_string(kept->second) + " bytes each, " +
                        std::to_string((kept->second * kRowsPerSecond * seconds >> 20) + 1) + " MiB at 1,000 rows/s" + (step.window->is_session() ? " where sessions last no longer than their gap" : "");
    }
}

// Beside what the plan says of a sink that is new or changed, or of its new stream.
void say_what_arrives_twice(const CheckedWorkspace& checked, const ConnectorCatalog& connectors, Plan& plan) {
  for (const StreamSpec& stream : checked.workspace.streams)
    for (const SinkSpec& sink : stream.sinks) {
      const Connector* connector = connectors.find(sink.kind);
      const std::string twice = connector && connector->arrives_twice ? connector->arrives_twice(sink.settings) : "";
      if (twice.empty()) continue;
      for (PlanChange& change : plan.changes) {
        const bool is_of_it = change.object == "sink " + stream.name + "." + sink.name || (change.object == "stream " + stream.name && change.kind == PlanChange::Kind::added);
        if (!is_of_it || change.kind == PlanChange::Kind::removed) continue;
        change.detail += (change.detail.empty() ? "" : "; ") + std::string("sink ") + sink.name + " delivers at least once: rows may arrive twice " + twice;
        break;
      }
    }
}

// A state belongs to its shard, and a shard is made of partitions: with another number of shards none would be found again.
void refuse_other_shards(const Workspace& running, const Workspace& wanted, Problems& problems) {
  for (const StreamSpec& stream : wanted.streams) {
    const StreamSpec* old = running.find_stream(stream.name);
    if (!old || old->shards == stream.shards) continue;
    problems.push_back({stream.at, "the state of " + stream.name + " is divided into " + std::to_string(old->shards) + " shards, and this says " + std::to_string(stream.shards),
                        "shards: " + std::to_string(old->shards) + ", or another name for the stream", {}});
  }
}

}  // namespace

CheckedWorkspace check_workspace_folder(const std::string& folder, const std::string& environment, const ConnectorCatalog& connectors) {
  CheckedWorkspace checked;
  checked.files = read_workspace_files(folder, checked.problems);
  LoadResult loaded = load_workspace(checked.files, environment, declarations_of(connectors));
  checked.workspace = std::move(loaded.workspace);
  checked.problems.insert(checked.problems.end(), loaded.problems.begin(), loaded.problems.end());
  if (checked.problems.empty()) {
    SqlCheck sql = check_sql(checked.workspace, checked.files, source_columns(connectors, checked.workspace.root), connectors.model_loader());
    checked.problems = std::move(sql.problems);
    checked.kept_rows = std::move(sql.kept_rows);
  }
  sort_by_place(checked.problems);
  checked.pipelines = static_cast<int>(checked.workspace.streams.size());
  return checked;
}

Status WorkspaceControl::open() {
  PENSTOCK_ASSIGN(const auto latest, parts_.versions.latest());
  if (latest) return set(*latest);
  const CheckedWorkspace checked = check();
  if (!checked.problems.empty())
    return Error(ErrorKind::invalid_argument, checked.problems.front().to_string() +
                     (checked.problems.size() == 1 ? "" : " (and " + std::to_string(checked.problems.size() - 1) + " more problems)"),
                 "penstockctl validate lists all");
  PENSTOCK_TRY(store(checked, "engine", "first start"));
  return {};
}

AppliedPlan WorkspaceControl::plan() const { return plan_of(check()); }

AppliedPlan WorkspaceControl::plan_of(const CheckedWorkspace& checked) const {
  AppliedPlan result;
  result.problems = checked.problems;
  const auto running = parts_.applied.current();
  if (running) result.running_version = running->number;
  if (!checked.problems.empty()) return result;
  if (running) refuse_other_shards(*running->workspace, checked.workspace, result.problems);
  result.plan = plan_changes(running ? *running->workspace : Workspace{}, checked.workspace);
  say_what_windows_keep(checked, result.plan);
  say_what_arrives_twice(checked, parts_.connectors, result.plan);
  // Steps and rows of a file are compared by what they say; contracts and seeds by their text.
  if (running) add_changed_files(running->folder, checked.files, result.plan);
  return result;
}

Result<AppliedPlan> WorkspaceControl::apply(const std::vector<std::string>& accepted, const std::string& who, const std::string& why) {
  std::lock_guard lock(applying_);
  const CheckedWorkspace checked = check();
  AppliedPlan result = plan_of(checked);
  if (!result.problems.empty())
    return Error(ErrorKind::failed_precondition, "the workspace has " + std::to_string(result.problems.size()) + " problems, the first: " + result.problems.front().to_string(),
                 "the running version goes on; mend them and apply again");
  for (const auto& step : result.plan.state_lost)
    if (std::find(accepted.begin(), accepted.end(), step) == accepted.end())
      return Error(ErrorKind::failed_precondition, "the state of " + step + " would be lost", "apply with --accept-state-loss " + step, step);
  const auto running = parts_.applied.current();
  if (running && running->digest == digest_of(checked.files)) return result;
  PENSTOCK_ASSIGN(result.new_version, store(checked, who, why));
  if (parts_.changed) parts_.changed();
  return result;
}

Result<std::int64_t> WorkspaceControl::store(const CheckedWorkspace& checked, const std::string& who, const std::string& why) {
  PENSTOCK_ASSIGN(const auto latest, parts_.versions.latest());
  AppliedVersion version{.number = latest ? latest->number + 1 : 1, .applied_at = to_micros(parts_.clock.now()), .who = who, .why = why};
  PENSTOCK_ASSIGN(const auto copy, write_applied_copy(checked.files, parts_.state_root, version.number));
  version.folder = copy.folder;
  version.digest = copy.digest;
  PENSTOCK_ASSIGN(version.number, parts_.versions.add(version));
  PENSTOCK_TRY(set(version));
  return version.number;
}

Status WorkspaceControl::set(const AppliedVersion& version) {
  PENSTOCK_ASSIGN(auto workspace, load_applied(version.folder, parts_.environment, declarations_of(parts_.connectors)));
  Problems unreadable;
  const WorkspaceFiles files = read_workspace_files(version.folder, unreadable);
  SqlCheck sql = check_sql(*workspace, files, source_columns(parts_.connectors, version.folder), parts_.connectors.model_loader());
  LineageGraph graph = LineageGraph::build(*workspace);
  parts_.applied.set({.workspace = std::move(workspace), .graph = std::move(graph), .number = version.number, .folder = version.folder,
                      .digest = version.digest, .step_schemas = std::move(sql.steps)});
  return {};
}

}  // namespace penstock
