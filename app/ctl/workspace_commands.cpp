#include "ctl/commands.h"
#include "engine/connector_reference.h"
#include "engine/connectors.h"
#include "engine/workspace_control.h"
#include "penstock/v1/workspace.grpc.pb.h"
#include "rpc/workspace_messages.h"
#include "workspace/init.h"

namespace penstock::ctl {
namespace {

Outcome init(Session& session, const std::string& folder) {
  PENSTOCK_ASSIGN(const auto files, write_new_workspace(folder));
  if (session.json()) {
    print(Json{{"folder", folder}, {"files", files}});
    return Exit::done;
  }
  std::string text;
  for (const auto& file : files) text += file + "\n";
  print(text + "\nstart it:  penstockd --workspace " + folder);
  return Exit::done;
}

std::string problem_line(const v1::Problem& problem) {
  std::string hint = problem.expected().empty() ? "" : "expected " + problem.expected();
  if (!problem.suggestion().empty()) hint += (hint.empty() ? "" : "; ") + problem.suggestion();
  return problem.file() + ":" + std::to_string(problem.line()) + ":" + std::to_string(problem.column()) + ": " + problem.message() + (hint.empty() ? "" : " (" + hint + ")");
}

// With --engine that engine looks at its own folder; else this program looks, so that a folder that cannot run is checked too.
Result<v1::ValidateResponse> check(Session& session) {
  if (!session.options.engine.empty()) return session.call<v1::WorkspaceService>(&v1::WorkspaceService::Stub::Validate, v1::ValidateRequest{});
  const auto checked = check_workspace_folder(session.options.workspace, session.options.environment, all_connectors({}));
  v1::ValidateResponse response;
  for (const auto& problem : checked.problems) rpc::write(problem, *response.add_problems());
  response.set_files(static_cast<std::int32_t>(checked.files.files.size()));
  response.set_pipelines(checked.pipelines);
  return response;
}

Outcome validate(Session& session) {
  PENSTOCK_ASSIGN(const auto response, check(session));
  if (session.json()) {
    print(to_json(response));
  } else {
    std::string text;
    for (const auto& problem : response.problems()) text += problem_line(problem) + "\n";
    text += std::to_string(response.files()) + " files, " + std::to_string(response.pipelines()) + " pipelines, " +
            (response.problems().empty() ? "no problems" : std::to_string(response.problems_size()) + (response.problems_size() == 1 ? " problem" : " problems"));
    print(text);
  }
  return response.problems().empty() ? Exit::done : Exit::failed;
}

Outcome show(Session& session, const v1::PlanResponse& plan) {
  if (session.json()) {
    print(to_json(plan));
    return plan.problems().empty() ? Exit::done : Exit::failed;
  }
  std::string text;
  for (const auto& problem : plan.problems()) text += problem_line(problem) + "\n";
  for (const auto& change : plan.changes()) text += change.kind() + "  " + change.object() + (change.detail().empty() ? "" : "  (" + change.detail() + ")") + "\n";
  for (const auto& step : plan.state_lost()) text += "state of " + step + " is lost: apply needs --accept-state-loss " + step + "\n";
  if (plan.new_version() != 0) text += "version " + std::to_string(plan.new_version()) + " runs\n";
  if (text.empty()) text = "version " + std::to_string(plan.running_version()) + " runs; nothing to do\n";
  print(text);
  return plan.problems().empty() ? Exit::done : Exit::failed;
}

Outcome plan(Session& session) {
  PENSTOCK_ASSIGN(const auto response, session.call<v1::WorkspaceService>(&v1::WorkspaceService::Stub::Plan, v1::PlanRequest{}));
  return show(session, response);
}

Outcome apply_plan(Session& session, const std::vector<std::string>& accepted) {
  v1::ApplyRequest request;
  *request.mutable_command() = session.new_command();
  for (const auto& step : accepted) request.add_accept_state_loss(step);
  PENSTOCK_ASSIGN(const auto response, session.call<v1::WorkspaceService>(&v1::WorkspaceService::Stub::Apply, request));
  return show(session, response);
}

Outcome list_connections(Session& session) {
  PENSTOCK_ASSIGN(const auto response, session.call<v1::WorkspaceService>(&v1::WorkspaceService::Stub::ListConnections, v1::ListConnectionsRequest{}));
  if (session.json()) {
    print(to_json(response));
    return Exit::done;
  }
  Table table({"connection", "kind", "endpoint"});
  for (const auto& connection : response.connections()) table.add({connection.name(), connection.kind(), connection.endpoint()});
  print(table.text());
  return Exit::done;
}

// Of this program, whatever an engine has.
Outcome describe_connections() {
  print(connector_reference(all_connectors({})));
  return Exit::done;
}

Outcome test_connections(Session& session, std::vector<std::string> names) {
  if (names.empty()) {
    PENSTOCK_ASSIGN(const auto all, session.call<v1::WorkspaceService>(&v1::WorkspaceService::Stub::ListConnections, v1::ListConnectionsRequest{}));
    for (const auto& connection : all.connections()) names.push_back(connection.name());
  }
  Json results = Json::array();
  Table table({"connection", "reached", "took", "message"});
  bool all_reached = true;
  for (const auto& name : names) {
    v1::TestConnectionRequest request;
    request.set_name(name);
    PENSTOCK_ASSIGN(const auto response, session.call<v1::WorkspaceService>(&v1::WorkspaceService::Stub::TestConnection, request));
    Json result = to_json(response);
    result["name"] = name;
    results.push_back(std::move(result));
    table.add({name, response.reached() ? "yes" : "no", duration_text(response.micros()), response.message()});
    all_reached = all_reached && response.reached();
  }
  session.json() ? print(Json{{"connections", results}}) : print(table.text());
  return all_reached ? Exit::done : Exit::failed;
}

Outcome test(Session& session, const std::string& name) {
  v1::RunTestsRequest request;
  request.set_name(name);
  Json results = Json::array();
  int failed = 0, passed = 0;
  PENSTOCK_TRY((session.read<v1::WorkspaceService, v1::RunTestsRequest, v1::TestResult>(&v1::WorkspaceService::Stub::RunTests, request, [&](const v1::TestResult& result) {
    ++(result.passed() ? passed : failed);
    results.push_back(to_json(result));
    if (!session.json()) print((result.passed() ? "passed  " : "FAILED  ") + result.name() + (result.detail().empty() ? "" : "\n" + result.detail()));
    return true;
  })));
  if (session.json())
    print(Json{{"tests", results}, {"passed", passed}, {"failed", failed}});
  else
    print(std::to_string(passed) + " passed, " + std::to_string(failed) + " failed");
  return failed == 0 ? Exit::done : Exit::failed;
}

}  // namespace

void add_workspace_commands(CLI::App& app, Session& session) {
  auto* init_command = app.add_subcommand("init", "Write a new workspace that runs as it is");
  auto folder = std::make_shared<std::string>();
  init_command->add_option("DIR", *folder, "an empty or new folder")->required();
  init_command->footer("Example:\n  penstockctl init shop && penstockd --workspace shop");
  init_command->callback([&session, folder] { session.command = [&session, folder] { return init(session, *folder); }; });

  auto* validate_command = app.add_subcommand("validate", "Check the whole workspace; every problem with file, line and column");
  validate_command->footer("Example:\n  penstockctl --workspace retail validate");
  validate_command->callback([&session] { session.command = [&session] { return validate(session); }; });

  auto* plan_command = app.add_subcommand("plan", "What apply would change");
  plan_command->footer("Example:\n  penstockctl --workspace retail plan");
  plan_command->callback([&session] { session.command = [&session] { return plan(session); }; });

  auto* apply_command = app.add_subcommand("apply", "Let the engine run the workspace as it stands");
  auto accepted = std::make_shared<std::vector<std::string>>();
  apply_command->add_option("--accept-state-loss", *accepted, "a step (stream.step) whose state may be lost");
  apply_command->footer("Example:\n  penstockctl --workspace retail apply --why 'wider windows'");
  apply_command->callback([&session, accepted] { session.command = [&session, accepted] { return apply_plan(session, *accepted); }; });

  auto* test_command = app.add_subcommand("test", "Run the workspace's tests: given rows, expected rows");
  auto name = std::make_shared<std::string>();
  test_command->add_option("NAME", *name, "only this test");
  test_command->footer("Example:\n  penstockctl --workspace retail test");
  test_command->callback([&session, name] { session.command = [&session, name] { return test(session, *name); }; });

  auto* connections = app.add_subcommand("connections", "Named endpoints");
  connections->require_subcommand(1);
  connections->footer("Example:\n  penstockctl connections test hub");
  connections->add_subcommand("list", "All of the applied workspace")->callback([&session] { session.command = [&session] { return list_connections(session); }; });
  auto* describe = connections->add_subcommand("describe", "What connections, sources and sinks may say, as a page");
  describe->footer("Example:\n  penstockctl connections describe > connectors.md");
  describe->callback([&session] { session.command = [] { return describe_connections(); }; });
  auto* connection_test = connections->add_subcommand("test", "Try to reach them");
  auto names = std::make_shared<std::vector<std::string>>();
  connection_test->add_option("NAME", *names, "only these");
  connection_test->callback([&session, names] { session.command = [&session, names] { return test_connections(session, *names); }; });
}

}  // namespace penstock::ctl
