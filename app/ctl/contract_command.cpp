#include "ctl/commands.h"
#include "engine/connectors.h"
#include "engine/contract_check.h"
#include "engine/contract_versions.h"
#include "engine/state_root.h"
#include "penstock/v1/workspace.grpc.pb.h"
#include "rpc/workspace_messages.h"
#include "workspace/loader.h"

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

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

// "yes", "no", or nothing where it cannot be told.
Json answer_json(const std::string& answer) { return answer.empty() ? Json(nullptr) : Json(answer == "yes"); }
std::string answer_text(const std::string& answer) { return answer.empty() ? "–" : answer; }

// What is below the state of this workspace, here: no engine is needed.
Result<v1::ListContractsResponse> read_here(const Session& session, const std::string& stream) {
  const ConnectorCatalog catalog = all_connectors({});
  const LoadResult loaded = load_workspace(session.options.workspace, session.options.environment, declarations_of(catalog));
  if (loaded.workspace.name.empty()) return Error(ErrorKind::invalid_argument, "this is no workspace", "name one with --workspace", session.options.workspace);
  PENSTOCK_ASSIGN(const std::string state_root, state_root_of(loaded.workspace));
  PENSTOCK_ASSIGN(const auto sources, contract_versions(loaded.workspace, state_root, stream, catalog));
  v1::ListContractsResponse response;
  for (const auto& source : sources) rpc::write(source, *response.add_sources());
  return response;
}

// As its engine knows them, which may run elsewhere.
Result<v1::ListContractsResponse> ask_engine(Session& session, const std::string& stream) {
  v1::ListContractsRequest request;
  request.set_pipeline(stream);
  return session.call<v1::WorkspaceService, v1::ListContractsRequest, v1::ListContractsResponse>(&v1::WorkspaceService::Stub::ListContracts, request);
}

Outcome versions(Session& session, const std::string& stream) {
  PENSTOCK_ASSIGN(const auto known, session.options.engine.empty() ? read_here(session, stream) : ask_engine(session, stream));
  Json list = Json::array();
  Table table({"source", "version", "since", "columns", "added", "removed", "BACKWARD", "FORWARD"});
  for (const auto& source : known.sources()) {
    Json versions = Json::array();
    for (const auto& one : source.versions()) {
      const std::string since = one.kept_at() > 0 ? time_text(one.kept_at()) : std::string();
      const auto texts = [](const auto& all) { return std::vector<std::string>(all.begin(), all.end()); };
      versions.push_back({{"version", one.version()}, {"path", one.path()}, {"kept_at", since.empty() ? Json(nullptr) : Json(since)}, {"columns", texts(one.columns())},
                          {"added", texts(one.added())}, {"removed", texts(one.removed())}, {"backward", answer_json(one.backward())}, {"forward", answer_json(one.forward())}});
      table.add({source.source(), one.version() == 0 ? "declared" : std::to_string(one.version()), since.empty() ? "–" : since, std::to_string(one.columns_size()),
                 joined(texts(one.added())), joined(texts(one.removed())), answer_text(one.backward()), answer_text(one.forward())});
    }
    list.push_back({{"source", source.source()}, {"declared", source.declared()}, {"format", source.format()}, {"versions", versions}});
  }
  if (session.json()) print(Json{{"stream", stream}, {"sources", list}});
  else print(table.rows() > 0 ? table.text() : "no contract is known yet: it is found out when the stream begins");
  return Exit::done;
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
  auto stream = std::make_shared<std::string>();
  auto* list = contract->add_subcommand("versions", "The contract of each source of a stream: as declared, and as it has become");
  list->add_option("stream", *stream, "a stream of the workspace")->required();
  list->footer("Example:\n  penstockctl --workspace retail contract versions sales\n  penstockctl --engine engine-1:7700 --token-file ~/.penstock-token contract versions sales");
  list->callback([&session, stream] { session.command = [&session, stream] { return versions(session, *stream); }; });
}

}  // namespace penstock::ctl
