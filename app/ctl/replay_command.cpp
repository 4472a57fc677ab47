#include "ctl/commands.h"
#include "ctl/rejected_filter.h"
#include "ctl/replay_progress.h"
#include "penstock/v1/replay.grpc.pb.h"

namespace penstock::ctl {
namespace {

struct ReplayOptions {
  std::string pipeline, from, to;
  std::vector<std::string> steps, sinks;
  double rate = 0;
  std::int64_t confirm = 0;
  bool dry_run = false;
  bool detach = false;
};

Outcome replay(Session& session, const ReplayOptions& options) {
  v1::ReplayRequest request;
  *request.mutable_command() = session.new_command();
  request.set_pipeline(options.pipeline);
  PENSTOCK_ASSIGN(const auto from, parse_time_option("--from", options.from));
  PENSTOCK_ASSIGN(const auto to, parse_time_option("--to", options.to));
  request.set_from_time(from);
  request.set_to_time(to);
  for (const auto& step : options.steps) request.add_steps(step);
  for (const auto& sink : options.sinks) request.add_include_sinks(sink);
  request.set_rate_limit(options.rate);
  request.set_confirmed_rows(options.confirm);
  if (options.dry_run) {
    PENSTOCK_ASSIGN(const auto preview, session.call<v1::ReplayService>(&v1::ReplayService::Stub::PreviewReplay, request));
    print_preview(session, preview);
    return Exit::done;
  }
  PENSTOCK_ASSIGN(const auto started, session.call<v1::ReplayService>(&v1::ReplayService::Stub::StartReplay, request));
  if (!options.detach) return follow_replay(session, started);
  session.json() ? print(to_json(started)) : print(started.id());
  return Exit::done;
}

}  // namespace

void add_replay_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("replay", "Run a range of a pipeline's records again, beside the live stream");
  auto options = std::make_shared<ReplayOptions>();
  command->add_option("PIPELINE", options->pipeline, "its name")->required();
  command->add_option("--from", options->from, "first source time (ISO 8601, UTC where no zone is said)")->required();
  command->add_option("--to", options->to, "source time at which it ends")->required();
  command->add_option("--steps", options->steps, "only these steps")->delimiter(',');
  command->add_option("--rate", options->rate, "at most so many rows a second (default: half the spare capacity)")->check(CLI::NonNegativeNumber);
  command->add_option("--include-sinks", options->sinks, "sinks that cannot replay and shall get the rows again")->delimiter(',');
  command->add_option("--confirm", options->confirm, "the number of rows that a sink gets a second time, as --dry-run gives it");
  auto* dry_run = command->add_flag("--dry-run", options->dry_run, "only say what it would do");
  command->add_flag("--detach", options->detach, "print the id and end; do not wait")->excludes(dry_run);
  command->footer("Example:\n  penstockctl replay sales --from 2026-11-20T13:50:00Z --to 2026-11-20T14:05:00Z --dry-run");
  command->callback([&session, options] { session.command = [&session, options] { return replay(session, *options); }; });
}

}  // namespace penstock::ctl
