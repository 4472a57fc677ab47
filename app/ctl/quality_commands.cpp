#include "ctl/cells.h"
#include "ctl/commands.h"
#include "ctl/rejected_filter.h"
#include "ctl/replay_progress.h"
#include "penstock/v1/quality.grpc.pb.h"
#include "penstock/v1/replay.grpc.pb.h"

namespace penstock::ctl {
namespace {

Outcome list_expectations(Session& session) {
  PENSTOCK_ASSIGN(const auto response, session.call<v1::QualityService>(&v1::QualityService::Stub::ListExpectations, v1::ListExpectationsRequest{}));
  if (session.json()) {
    print(to_json(response));
    return Exit::done;
  }
  Table table({"pipeline", "step", "expectation", "on fail", "checked", "failed", "last failed"});
  for (const auto& expectation : response.expectations())
    table.add({expectation.pipeline(), expectation.step(), expectation.name(), expectation.on_fail(), count_text(expectation.checked()),
               count_text(expectation.failed()), time_text(expectation.last_failed_at())});
  print(table.text());
  return Exit::done;
}

// Columns and cells of a rejected row as one object, for scripts.
Json row_json(const v1::RejectedRow& row, const google::protobuf::RepeatedPtrField<v1::Column>& columns) {
  Json object = to_json(row);
  object.erase("values");
  Json values = Json::object();
  for (int i = 0; i < row.values_size() && i < columns.size(); ++i) values[columns[i].name()] = cell_json(row.values(i));
  object["values"] = std::move(values);
  return object;
}

Outcome list_rejected(Session& session, const RejectedOptions& options, int limit, std::int64_t offset) {
  v1::ListRejectedRequest request;
  PENSTOCK_ASSIGN(*request.mutable_filter(), filter_of(options));
  request.mutable_page()->set_limit(limit);
  request.mutable_page()->set_offset(offset);
  PENSTOCK_ASSIGN(const auto response, session.call<v1::QualityService>(&v1::QualityService::Stub::ListRejected, request));
  if (session.json()) {
    Json rows = Json::array();
    for (const auto& row : response.rows()) rows.push_back(row_json(row, response.columns()));
    print(Json{{"rows", rows}, {"total", response.total()}});
    return Exit::done;
  }
  Table table({"id", "table", "step", "key", "reason", "rejected", "status"});
  for (const auto& row : response.rows())
    table.add({row.id(), row.table(), row.step(), row.key(), row.reason(), time_text(row.rejected_at()), row.status()});
  print(table.text() + count_text(response.rows_size()) + " of " + count_text(response.total()) + " rows");
  return Exit::done;
}

Outcome show_rejected(Session& session, const std::string& id) {
  v1::GetRejectedRequest request;
  request.set_id(id);
  PENSTOCK_ASSIGN(const auto journey, session.call<v1::QualityService>(&v1::QualityService::Stub::GetRejected, request));
  if (session.json()) {
    Json document = to_json(journey);
    document["row"] = row_json(journey.row(), journey.columns());
    document.erase("columns");
    print(document);
    return Exit::done;
  }
  Table stops({"at", "where", "state", "detail"});
  for (const auto& stop : journey.stops()) stops.add({time_text(stop.at()), stop.label(), stop.state(), stop.detail()});
  print(journey.row().reason() + "\n\n" + stops.text() + "\n" + bytes_text(journey.raw()));
  return Exit::done;
}

Result<v1::RedriveRequest> redrive_request(const Session& session, const RejectedOptions& options, double rate) {
  v1::RedriveRequest request;
  PENSTOCK_ASSIGN(*request.mutable_filter(), filter_of(options));
  *request.mutable_command() = session.new_command();
  request.set_rate_limit(rate);
  return request;
}

Outcome redrive(Session& session, const RejectedOptions& options, double rate, bool dry_run) {
  PENSTOCK_ASSIGN(const auto request, redrive_request(session, options, rate));
  if (dry_run) {
    PENSTOCK_ASSIGN(const auto preview, session.call<v1::ReplayService>(&v1::ReplayService::Stub::PreviewRedrive, request));
    print_preview(session, preview);
    return Exit::done;
  }
  PENSTOCK_ASSIGN(const auto replay, session.call<v1::ReplayService>(&v1::ReplayService::Stub::Redrive, request, std::chrono::minutes(10)));
  return follow_replay(session, replay);
}

Outcome discard(Session& session, const RejectedOptions& options) {
  PENSTOCK_ASSIGN(const auto request, redrive_request(session, options, 0));
  PENSTOCK_ASSIGN(const auto outcome, session.call<v1::ReplayService>(&v1::ReplayService::Stub::Discard, request));
  session.json() ? print(to_json(outcome)) : print(outcome.outcome());
  return Exit::done;
}

void add_list_options(CLI::App& command, int& limit, std::int64_t& offset) {
  command.add_option("--limit", limit, "at most so many rows")->check(CLI::Range(1, 10'000))->capture_default_str();
  command.add_option("--offset", offset, "rows to skip")->check(CLI::NonNegativeNumber);
}

struct ListOptions {
  int limit = 100;
  std::int64_t offset = 0;
};

void add_failures(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("failures", "Expectations and how often they failed; with a name, the rows that failed it");
  auto name = std::make_shared<std::string>();
  auto list = std::make_shared<ListOptions>();
  command->add_option("EXPECTATION", *name, "its name");
  add_list_options(*command, list->limit, list->offset);
  command->footer("Examples:\n  penstockctl failures\n  penstockctl --json failures known_store --limit 20");
  command->callback([&session, name, list] {
    session.command = [&session, name, list] {
      RejectedOptions options;
      options.expectation = *name;
      return name->empty() ? list_expectations(session) : list_rejected(session, options, list->limit, list->offset);
    };
  });
}

}  // namespace

void add_quality_commands(CLI::App& app, Session& session) {
  add_failures(app, session);
  auto* dlq = app.add_subcommand("dlq", "Rejected rows: quarantine and dead letters");
  dlq->require_subcommand(1);
  dlq->footer("Examples:\n  penstockctl dlq list --stream sales\n  penstockctl dlq redrive --stream sales --expectation known_store --why 'stores added'\n"
              "  penstockctl dlq discard --stream sales --id sales/pos.sales/0/88120394/0 --why 'test data'");

  auto* list_command = dlq->add_subcommand("list", "The rows, newest first");
  auto list_filter = add_rejected_options(*list_command);
  auto list = std::make_shared<ListOptions>();
  add_list_options(*list_command, list->limit, list->offset);
  list_command->callback([&session, list_filter, list] {
    session.command = [&session, list_filter, list] { return list_rejected(session, *list_filter, list->limit, list->offset); };
  });

  auto* show_command = dlq->add_subcommand("show", "One row: where it came from, how far it got, its raw bytes");
  auto id = std::make_shared<std::string>();
  show_command->add_option("ID", *id, "as dlq list gives it")->required();
  show_command->callback([&session, id] { session.command = [&session, id] { return show_rejected(session, *id); }; });

  auto* redrive_command = dlq->add_subcommand("redrive", "Send rows through their pipeline again");
  auto redrive_filter = add_rejected_options(*redrive_command);
  auto rate = std::make_shared<double>(0);
  auto dry_run = std::make_shared<bool>(false);
  redrive_command->get_option("--stream")->required();
  redrive_command->add_option("--rate", *rate, "at most so many rows a second")->check(CLI::NonNegativeNumber);
  redrive_command->add_flag("--dry-run", *dry_run, "only say what it would do");
  redrive_command->callback([&session, redrive_filter, rate, dry_run] {
    session.command = [&session, redrive_filter, rate, dry_run] { return redrive(session, *redrive_filter, *rate, *dry_run); };
  });

  auto* discard_command = dlq->add_subcommand("discard", "Take rows off the list; they stay in their table");
  auto discard_filter = add_rejected_options(*discard_command);
  discard_command->get_option("--stream")->required();
  discard_command->callback([&session, discard_filter] { session.command = [&session, discard_filter] { return discard(session, *discard_filter); }; });
}

}  // namespace penstock::ctl
