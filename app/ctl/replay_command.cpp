#include <charconv>

#include "ctl/commands.h"
#include "ctl/rejected_filter.h"
#include "ctl/replay_progress.h"
#include "penstock/v1/replay.grpc.pb.h"

namespace penstock::ctl {
namespace {

struct ReplayOptions {
  std::string pipeline, from, to;
  std::vector<std::string> steps, sinks, positions;
  double rate = 0;
  std::int64_t confirm = 0;
  bool dry_run = false;
  bool detach = false;
};

// "pos.sales/0:1200-2000", or "pos.sales/0:1200-" up to the live stream.
Status add_positions(const std::string& text, v1::ReplayRequest& request) {
  const auto slash = text.rfind('/'), colon = text.rfind(':'), dash = text.rfind('-');
  const auto number = [](const std::string& digits, std::int64_t& value) {
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
  };
  std::int64_t partition = 0, from = 0, to = 0;
  const bool ordered = slash != std::string::npos && colon != std::string::npos && dash != std::string::npos && slash < colon && colon < dash;
  if (!ordered || !number(text.substr(slash + 1, colon - slash - 1), partition) || !number(text.substr(colon + 1, dash - colon - 1), from) ||
      (dash + 1 < text.size() && !number(text.substr(dash + 1), to)))
    return Error(ErrorKind::invalid_argument, "'" + text + "' is no range of positions", "write it as SOURCE/PARTITION:FROM-TO, for example pos.sales/0:1200-2000", "--positions");
  const auto set = [&](v1::Position* position, std::int64_t offset) {
    position->set_source(text.substr(0, slash));
    position->set_partition(static_cast<std::int32_t>(partition));
    position->set_offset(offset);
  };
  set(request.add_from_positions(), from);
  if (dash + 1 < text.size()) set(request.add_to_positions(), to);
  return {};
}

Outcome replay(Session& session, const ReplayOptions& options) {
  v1::ReplayRequest request;
  *request.mutable_command() = session.new_command();
  request.set_pipeline(options.pipeline);
  for (const auto& range : options.positions) PENSTOCK_TRY(add_positions(range, request));
  if (options.positions.empty()) {
    PENSTOCK_ASSIGN(const auto from, parse_time_option("--from", options.from));
    PENSTOCK_ASSIGN(const auto to, parse_time_option("--to", options.to));
    request.set_from_time(from);
    request.set_to_time(to);
  }
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
  auto* from = command->add_option("--from", options->from, "first source time (ISO 8601, UTC where no zone is said)");
  auto* to = command->add_option("--to", options->to, "source time at which it ends")->needs(from);
  from->needs(to);
  command->add_option("--positions", options->positions, "instead of times: SOURCE/PARTITION:FROM-TO; without TO up to the live stream")
      ->delimiter(',')
      ->excludes(from);
  command->add_option("--steps", options->steps, "only these steps")->delimiter(',');
  command->add_option("--rate", options->rate, "at most so many rows a second (default: half the spare capacity)")->check(CLI::NonNegativeNumber);
  command->add_option("--include-sinks", options->sinks, "sinks that cannot replay and shall get the rows again")->delimiter(',');
  command->add_option("--confirm", options->confirm, "the number of rows that a sink gets a second time, as --dry-run gives it");
  auto* dry_run = command->add_flag("--dry-run", options->dry_run, "only say what it would do");
  command->add_flag("--detach", options->detach, "print the id and end; do not wait")->excludes(dry_run);
  command->footer("Example:\n  penstockctl replay sales --from 2026-11-20T13:50:00Z --to 2026-11-20T14:05:00Z --dry-run\n"
                  "  penstockctl replay sales --positions pos.sales/0:1200-2000,pos.sales/1:900-");
  command->callback([&session, options] { session.command = [&session, options] { return replay(session, *options); }; });
}

}  // namespace penstock::ctl
