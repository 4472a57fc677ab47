#include "ctl/commands.h"
#include "penstock/v1/pipelines.grpc.pb.h"

namespace penstock::ctl {
namespace {

// It stands still and starts again meanwhile.
constexpr std::chrono::minutes kDeadline{2};

using SavepointMethod = grpc::Status (v1::PipelineService::Stub::*)(grpc::ClientContext*, const v1::SavepointCommand&, v1::CommandOutcome*);

Outcome list(Session& session, const std::string& pipeline) {
  v1::ListSavepointsRequest request;
  request.set_pipeline(pipeline);
  PENSTOCK_ASSIGN(const auto response, session.call<v1::PipelineService>(&v1::PipelineService::Stub::ListSavepoints, request));
  if (session.json()) {
    print(to_json(response));
    return Exit::done;
  }
  Table table({"pipeline", "savepoint", "made", "version", "rows taken", "shards", "size"});
  for (const auto& one : response.savepoints())
    table.add({one.pipeline(), one.name(), time_text(one.made_at()), std::to_string(one.version()), count_text(one.rows_in()), std::to_string(one.shards()), bytes_size_text(one.bytes())});
  print(table.text());
  return Exit::done;
}

void add_action(CLI::App& savepoint, Session& session, const char* name, const char* help, SavepointMethod method) {
  auto* command = savepoint.add_subcommand(name, help);
  auto request = std::make_shared<v1::SavepointCommand>();
  auto pipeline = std::make_shared<std::string>(), which = std::make_shared<std::string>();
  command->add_option("PIPELINE", *pipeline, "whose state it is")->required();
  command->add_option("NAME", *which, "of the savepoint")->required();
  command->callback([&session, request, pipeline, which, method] {
    session.command = [&session, request, pipeline, which, method]() -> Outcome {
      *request->mutable_command() = session.new_command();
      request->set_pipeline(*pipeline);
      request->set_savepoint(*which);
      PENSTOCK_ASSIGN(const auto outcome, session.call<v1::PipelineService>(method, *request, kDeadline));
      session.json() ? print(to_json(outcome)) : print(outcome.outcome());
      return Exit::done;
    };
  });
}

}  // namespace

void add_savepoint_commands(CLI::App& app, Session& session) {
  auto* savepoint = app.add_subcommand("savepoint", "Copies of a pipeline's state, by name");
  savepoint->require_subcommand(1);
  savepoint->footer("Examples:\n  penstockctl savepoint make sales before-the-move --why 'a new disk'\n  penstockctl savepoint list\n"
                    "  penstockctl savepoint restore sales before-the-move --why 'the state was damaged'");
  add_action(*savepoint, session, "make", "Copy its state; it stands still meanwhile", &v1::PipelineService::Stub::MakeSavepoint);
  add_action(*savepoint, session, "restore", "Put the copy in the place of its state; tables keep what they hold", &v1::PipelineService::Stub::RestoreSavepoint);
  add_action(*savepoint, session, "remove", "Remove the copy", &v1::PipelineService::Stub::RemoveSavepoint);
  auto* list_command = savepoint->add_subcommand("list", "All savepoints, or those of a pipeline");
  auto pipeline = std::make_shared<std::string>();
  list_command->add_option("PIPELINE", *pipeline, "left out: all pipelines");
  list_command->callback([&session, pipeline] { session.command = [&session, pipeline] { return list(session, *pipeline); }; });
}

}  // namespace penstock::ctl
