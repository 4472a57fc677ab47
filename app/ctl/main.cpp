// penstockctl: Penstock's API for scripts, terminals and CI.

#include <cstdlib>
#include <iostream>

#include "ctl/commands.h"
#include "serving/version.h"

namespace {

using namespace penstock;
using namespace penstock::ctl;

int fail(const Session& session, const Error& error) {
  if (session.json())
    std::cerr << error_json(error).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  else
    std::cerr << error_line(error) << '\n';
  return static_cast<int>(exit_of(error));
}

void add_global_options(CLI::App& app, SessionOptions& options) {
  app.add_option("--engine", options.engine, "HOST:PORT of an engine");
  app.add_option("--workspace", options.workspace, "folder of a workspace: the engine that holds it answers, or one for this call")->capture_default_str();
  app.add_option("--env", options.environment, "environment of penstock.yaml");
  app.add_option("--token-file", options.token_file, "file with the engine's token (or PENSTOCK_TOKEN)");
  app.add_option("--why", options.why, "the reason, for the audit log");
  app.add_flag("--json", options.json, "one JSON document with stable keys");
}

}  // namespace

int main(int argc, char** argv) {
  Session session;
  CLI::App app("penstockctl looks at Penstock's pipelines and acts on them.");
  app.footer("Examples:\n  penstockctl --workspace retail status\n  penstockctl --json query 'SELECT count(*) FROM silver.sales'\n"
             "\nEnds with 0 done, 1 failed or found wrong, 2 called wrongly, 3 engine not reachable, 4 not allowed.");
  app.set_version_flag("--version", std::string("penstockctl ") + kVersion);
  app.require_subcommand(1);
  app.fallthrough();      // global options may stand after the command
  add_global_options(app, session.options);
  add_workspace_commands(app, session);
  add_look_commands(app, session);
  add_run_commands(app, session);
  add_query_command(app, session);
  add_quality_commands(app, session);
  add_replay_command(app, session);
  add_pod_commands(app, session);
  add_savepoint_commands(app, session);
  add_contract_commands(app, session);
  add_audit_command(app, session);
  add_absent_commands(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);      // --help, --version
    return fail(session, Error(ErrorKind::invalid_argument, error.what(), "penstockctl --help"));
  }
  const Outcome outcome = session.command();
  return outcome.ok() ? static_cast<int>(*outcome) : fail(session, outcome.error());
}
