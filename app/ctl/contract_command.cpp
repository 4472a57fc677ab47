#include "ctl/commands.h"
#include "engine/contract_check.h"

namespace penstock::ctl {
namespace {

struct CheckOptions {
  std::vector<std::string> files;
  std::string level = "BACKWARD";
};

Outcome check(const Session& session, const CheckOptions& options) {
  const auto level = parse_level(options.level);
  if (!level)
    return Error(ErrorKind::invalid_argument, "'" + options.level + "' is no level of compatibility",
                 "NONE, BACKWARD, FORWARD or FULL, or one of the last three with _TRANSITIVE");
  PENSTOCK_ASSIGN(const auto found, check_contract_files(options.files, *level));
  if (session.json()) {
    Json list = Json::array();
    for (const auto& one : found)
      list.push_back({{"type", one.what.type}, {"path", one.what.path}, {"message", one.what.message}, {"reader", options.files[one.reader]}, {"writer", options.files[one.writer]}});
    print(Json{{"compatible", found.empty()}, {"level", name_of(*level)}, {"incompatibilities", list}});
  } else {
    std::string text;
    for (const auto& one : found)
      text += one.what.type + " at " + one.what.path + ": " + one.what.message + "  (" + options.files[one.reader] + " reads what " + options.files[one.writer] + " has written)\n";
    print(text + (found.empty() ? "compatible" : "not compatible") + " (" + name_of(*level) + ")");
  }
  return found.empty() ? Exit::done : Exit::failed;
}

}  // namespace

void add_contract_commands(CLI::App& app, Session& session) {
  auto* contract = app.add_subcommand("contract", "Contracts of streams");
  contract->require_subcommand(1);
  auto options = std::make_shared<CheckOptions>();
  auto* command = contract->add_subcommand("check", "May a contract follow the versions before it? Ends with 1 where it may not");
  command->add_option("files", options->files, "versions of one contract, oldest first; the last is the one in question")->required()->expected(2, 1000);
  command->add_option("--level", options->level, "NONE, BACKWARD, FORWARD, FULL, BACKWARD_TRANSITIVE, FORWARD_TRANSITIVE, FULL_TRANSITIVE")->capture_default_str();
  command->footer("Example:\n  penstockctl contract check contracts/sale.avsc new/sale.avsc --level FULL");
  command->callback([&session, options] { session.command = [&session, options] { return check(session, *options); }; });
  add_absent_command(*contract, session, "versions");
}

}  // namespace penstock::ctl
