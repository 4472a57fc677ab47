#pragma once

// Each function adds one group of commands; a parsed command puts its work into Session::command.

#include <CLI/CLI.hpp>

#include "ctl/session.h"

namespace penstock::ctl {

void add_workspace_commands(CLI::App& app, Session& session);    // init, validate, plan, apply, test, connections
void add_look_commands(CLI::App& app, Session& session);         // status, metrics, lineage, logs
void add_run_commands(CLI::App& app, Session& session);          // run, pause, resume, cancel
void add_savepoint_commands(CLI::App& app, Session& session);    // savepoint
void add_query_command(CLI::App& app, Session& session);         // query
void add_quality_commands(CLI::App& app, Session& session);      // failures, dlq
void add_replay_command(CLI::App& app, Session& session);        // replay
void add_pod_commands(CLI::App& app, Session& session);          // pods
void add_contract_commands(CLI::App& app, Session& session);     // contract
void add_audit_command(CLI::App& app, Session& session);         // audit
// Commands of the documented command line that this version does not have: they say so and end with 2.
void add_absent_command(CLI::App& app, Session& session, const char* name);
void add_absent_commands(CLI::App& app, Session& session);

}  // namespace penstock::ctl
