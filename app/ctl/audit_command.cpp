#include "ctl/commands.h"
#include "penstock/v1/activity.grpc.pb.h"

namespace penstock::ctl {
namespace {

Outcome audit(Session& session, const v1::ListAuditRequest& request) {
  PENSTOCK_ASSIGN(const auto response, session.call<v1::ActivityService>(&v1::ActivityService::Stub::ListAudit, request));
  if (session.json()) {
    print(to_json(response));
    return Exit::done;
  }
  Table table({"at", "who", "action", "target", "why", "outcome"});
  for (const auto& entry : response.entries())
    table.add({time_text(entry.at()), entry.who(), entry.action(), entry.target(), entry.why(), (entry.failed() ? "failed: " : "") + entry.outcome()});
  print(table.text());
  return Exit::done;
}

}  // namespace

void add_audit_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("audit", "Who did what, when, why, and what came of it; newest first");
  auto text = std::make_shared<std::string>();
  auto limit = std::make_shared<int>(50);
  command->add_option("--text", *text, "only entries with this in who, action, target or why");
  command->add_option("--limit", *limit, "at most so many")->check(CLI::Range(1, 10'000))->capture_default_str();
  command->footer("Example:\n  penstockctl audit --text loyalty");
  command->callback([&session, text, limit] {
    session.command = [&session, text, limit] {
      v1::ListAuditRequest request;
      request.set_text(*text);
      request.mutable_page()->set_limit(*limit);
      return audit(session, request);
    };
  });
}

}  // namespace penstock::ctl
