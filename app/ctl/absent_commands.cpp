#include "ctl/commands.h"

namespace penstock::ctl {

void add_absent_commands(CLI::App& app, Session& session) {
  for (const char* name : {"rollback", "runs", "incidents", "bundle", "deploy", "contract", "secrets"}) {
    auto* command = app.add_subcommand(name, "(not in this version)");
    command->allow_extras();
    command->callback([&session, name] {
      session.command = [name]() -> Outcome { return Error(ErrorKind::unsupported, std::string("'") + name + "' is not in this version"); };
    });
  }
}

}  // namespace penstock::ctl
