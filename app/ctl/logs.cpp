#include "ctl/logs.h"

namespace penstock::ctl {

std::shared_ptr<LogOptions> add_log_options(CLI::App& command) {
  auto options = std::make_shared<LogOptions>();
  command.add_option("--tail", options->tail, "lines of the past first")->check(CLI::NonNegativeNumber)->capture_default_str();
  command.add_flag("--follow,-f", options->follow, "go on with new lines");
  return options;
}

bool print_log_line(const Session& session, const v1::LogLine& line) {
  if (session.json()) {
    print(to_json(line).dump(-1, ' ', false, Json::error_handler_t::replace));
  } else {
    print(time_text(line.at()) + "  " + line.level() + std::string(line.level().size() < 7 ? 7 - line.level().size() : 0, ' ') + "  " + line.origin() + "  " + line.text());
  }
  return true;
}

}  // namespace penstock::ctl
