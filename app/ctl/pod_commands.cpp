#include "ctl/commands.h"
#include "ctl/logs.h"
#include "penstock/v1/pipelines.grpc.pb.h"
#include "penstock/v1/pods.grpc.pb.h"

namespace penstock::ctl {
namespace {

std::string phase_text(v1::PodPhase phase) {
  v1::PodState state;
  state.set_phase(phase);
  return to_json(state)["phase"].get<std::string>();
}

Outcome list(Session& session) {
  PENSTOCK_ASSIGN(const auto response, session.call<v1::PodService>(&v1::PodService::Stub::List, v1::ListPodsRequest{}));
  if (session.json()) {
    print(to_json(response));
    return Exit::done;
  }
  Table table({"pod", "phase", "since", "restarts", "pipelines", "behind", "cpu", "memory", "process"});
  for (const auto& pod : response.pods()) {
    const std::string pipelines = pod.pipelines_size() == 1 ? pod.pipelines(0) : std::to_string(pod.pipelines_size());
    table.add({pod.name(), phase_text(pod.phase()), time_text(pod.phase_since()), std::to_string(pod.restarts()), pipelines,
               count_text(pod.behind_rows()), count_text(static_cast<std::int64_t>(pod.cpu_percent())) + "%", bytes_size_text(pod.memory_bytes()),
               std::to_string(pod.process_id())});
  }
  print(table.text());
  return Exit::done;
}

Outcome preview(Session& session, const v1::ResetPodRequest& request) {
  PENSTOCK_ASSIGN(const auto preview, session.call<v1::PodService>(&v1::PodService::Stub::PreviewReset, request));
  if (session.json()) {
    print(to_json(preview));
    return Exit::done;
  }
  print("gap    " + (preview.gap_rows() < 0 ? "unknown" : count_text(preview.gap_rows()) + " rows") + "\nstate  " + preview.state() + "\nsafe   " +
        (preview.safe() ? "yes" : preview.sends_twice() ? "no: a sink may get rows twice" : "no"));
  return Exit::done;
}

Outcome reset(Session& session, v1::ResetPodRequest request) {
  *request.mutable_command() = session.new_command();
  v1::ResetProgress last;
  PENSTOCK_TRY((session.read<v1::PodService, v1::ResetPodRequest, v1::ResetProgress>(
      &v1::PodService::Stub::Reset, request, [&](const v1::ResetProgress& progress) {
        if (!session.json() && progress.stage() != last.stage() && progress.outcome().empty()) print(progress.stage());
        last = progress;
        return true;
      })));
  session.json() ? print(to_json(last)) : print(last.outcome());
  return last.stage() == "failed" ? Exit::failed : Exit::done;
}

}  // namespace

void add_pod_commands(CLI::App& app, Session& session) {
  auto* pods = app.add_subcommand("pods", "The processes that run streams");
  pods->require_subcommand(1);
  pods->footer("Examples:\n  penstockctl pods list\n  penstockctl pods logs loyalty-0 --follow\n  penstockctl pods reset loyalty-0 --why 'no epoch for 5 minutes'\n  penstockctl pods scale pos_sales 4");
  pods->add_subcommand("list", "All pods of this engine")->callback([&session] { session.command = [&session] { return list(session); }; });

  auto* reset_command = pods->add_subcommand("reset", "Stop a pod, start it, resume from the last epoch, replay the gap");
  auto pod = std::make_shared<std::string>();
  auto dry_run = std::make_shared<bool>(false);
  reset_command->add_option("POD", *pod, "its name")->required();
  reset_command->add_flag("--dry-run", *dry_run, "only say what it would do");
  reset_command->callback([&session, pod, dry_run] {
    session.command = [&session, pod, dry_run] {
      v1::ResetPodRequest request;
      request.set_pod(*pod);
      return *dry_run ? preview(session, request) : reset(session, request);
    };
  });

  auto* scale_command = pods->add_subcommand("scale", "Deal a pipeline's shards out over so many pods, while it runs");
  auto pipeline = std::make_shared<std::string>();
  auto count = std::make_shared<std::int32_t>(1);
  scale_command->add_option("PIPELINE", *pipeline, "that has pods of its own")->required();
  scale_command->add_option("PODS", *count, "from 1 to the number of its shards")->required();
  scale_command->callback([&session, pipeline, count] {
    session.command = [&session, pipeline, count]() -> Outcome {
      v1::ScalePipelineRequest request;
      *request.mutable_command() = session.new_command();
      request.set_pipeline(*pipeline);
      request.set_pods(*count);
      PENSTOCK_ASSIGN(const auto outcome, session.call<v1::PipelineService>(&v1::PipelineService::Stub::Scale, request));
      session.json() ? print(to_json(outcome)) : print(outcome.outcome());
      return Exit::done;
    };
  });
  auto* logs = pods->add_subcommand("logs", "What a pod wrote");
  auto name = std::make_shared<std::string>();
  auto options = add_log_options(*logs);
  logs->add_option("POD", *name, "its name")->required();
  logs->callback([&session, name, options] {
    session.command = [&session, name, options]() -> Outcome {
      v1::PodLogsRequest request;
      request.set_pod(*name);
      request.set_tail(options->tail);
      request.set_follow(options->follow);
      PENSTOCK_TRY((session.read<v1::PodService, v1::PodLogsRequest, v1::LogLine>(&v1::PodService::Stub::Logs, request,
                                                                                 [&](const v1::LogLine& line) { return print_log_line(session, line); })));
      return Exit::done;
    };
  });
}

}  // namespace penstock::ctl
