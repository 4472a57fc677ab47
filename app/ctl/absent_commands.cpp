#include "ctl/commands.h"

namespace penstock::ctl {

void add_absent_command(CLI::App& app, Session& session, const char* name) {
  auto* command = app.add_subcommand(name, "(not in this version)");
  command->allow_extras()->fallthrough(false);      // whatever stands behind it
  command->callback([&session, name] {
    session.command = [name]() -> Outcome { return Error(ErrorKind::unsupported, std::string("'") + name + "' is not in this version"); };
  });
}

void add_absent_commands(CLI::App& app, Session& session) {
  for (const char* name : {"rollback", "runs", "incidents", "bundle", "deploy", "secrets"}) add_absent_command(app, session, name);
}

}  // namespace penstock::ctl
