#include "ctl/commands.h"

#include "penstock/v1/pipelines.grpc.pb.h"

namespace penstock::ctl {
namespace {

// A drain lasts as long as what the sources hold: it is cancelled with Ctrl-C, not by a deadline.
constexpr std::chrono::hours kDrainDeadline{24 * 7};

Outcome show(Session& session, const v1::CommandOutcome& outcome) {
  session.json() ? print(to_json(outcome)) : print(outcome.outcome());
  return Exit::done;
}

Outcome run(Session& session, const v1::RunPipelineRequest& wanted) {
  auto request = wanted;
  *request.mutable_command() = session.new_command();
  PENSTOCK_TRY(session.channel());
  if (session.for_this_call() && !request.drain())
    return Error(ErrorKind::failed_precondition, "no engine holds this workspace, and one that lives for this call would end with it",
                 "start penstockd --workspace " + session.options.workspace + ", or add --drain");
  PENSTOCK_ASSIGN(const auto outcome, session.call<v1::PipelineService>(&v1::PipelineService::Stub::Run, request,
                                                                        request.drain() ? kDrainDeadline : std::chrono::minutes(1)));
  return show(session, outcome);
}

using PipelineMethod = grpc::Status (v1::PipelineService::Stub::*)(grpc::ClientContext*, const v1::PipelineCommand&, v1::CommandOutcome*);

void add_simple(CLI::App& app, Session& session, const char* name, const char* help, PipelineMethod method) {
  auto* command = app.add_subcommand(name, help);
  auto pipeline = std::make_shared<std::string>();
  command->add_option("NAME", *pipeline, "the pipeline")->required();
  command->footer("Example:\n  penstockctl " + std::string(name) + " sales --why 'store migration'");
  command->callback([&session, pipeline, method] {
    session.command = [&session, pipeline, method]() -> Outcome {
      v1::PipelineCommand request;
      *request.mutable_command() = session.new_command();
      request.set_pipeline(*pipeline);
      PENSTOCK_ASSIGN(const auto outcome, session.call<v1::PipelineService>(method, request));
      return show(session, outcome);
    };
  });
}

void add_resume(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("resume", "Go on after a pause, or with a state that does not continue its tables");
  auto request = std::make_shared<v1::PipelineCommand>();
  auto pipeline = std::make_shared<std::string>();
  auto take_over = std::make_shared<bool>(false), rebuild = std::make_shared<bool>(false);
  command->add_option("NAME", *pipeline, "the pipeline")->required();
  auto* over = command->add_flag("--take-over", *take_over, "its state was lost or put back: go on from the positions that its tables hold");
  command->add_flag("--rebuild", *rebuild, "the same with a new state, computed again from its landed tables")->excludes(over);
  command->footer("Examples:\n  penstockctl resume sales --why 'store migration done'\n  penstockctl resume sales --rebuild --why 'the disk was replaced'");
  command->callback([&session, request, pipeline, take_over, rebuild] {
    session.command = [&session, request, pipeline, take_over, rebuild]() -> Outcome {
      *request->mutable_command() = session.new_command();
      request->set_pipeline(*pipeline);
      if (*take_over) request->set_state(v1::STATE_CHOICE_TAKE_OVER);
      if (*rebuild) request->set_state(v1::STATE_CHOICE_REBUILD);
      PENSTOCK_ASSIGN(const auto outcome, session.call<v1::PipelineService>(&v1::PipelineService::Stub::Resume, *request));
      return show(session, outcome);
    };
  });
}

}  // namespace

void add_run_commands(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("run", "Start a pipeline; with --drain, take what its sources hold now, then stop");
  auto request = std::make_shared<v1::RunPipelineRequest>();
  auto pipeline = std::make_shared<std::string>();
  auto drain = std::make_shared<bool>(false), close = std::make_shared<bool>(false);
  command->add_option("NAME", *pipeline, "the pipeline")->required();
  auto* drain_flag = command->add_flag("--drain", *drain, "take what the sources hold now, deliver it, then stop");
  command->add_flag("--close", *close, "with --drain: close open windows")->needs(drain_flag);
  command->footer("Examples:\n  penstockctl run sales\n  penstockctl --workspace retail run sales --drain --close");
  command->callback([&session, request, pipeline, drain, close] {
    request->set_pipeline(*pipeline);
    request->set_drain(*drain);
    request->set_close(*close);
    session.command = [&session, request] { return run(session, *request); };
  });
  add_simple(app, session, "pause", "Stop reading; everything else is kept", &v1::PipelineService::Stub::Pause);
  add_resume(app, session);
  add_simple(app, session, "cancel", "Stop a pipeline; its state and positions stay", &v1::PipelineService::Stub::Cancel);
}

}  // namespace penstock::ctl
