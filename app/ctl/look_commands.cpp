#include <algorithm>

#include "ctl/commands.h"
#include "ctl/logs.h"
#include "penstock/v1/activity.grpc.pb.h"
#include "penstock/v1/engine.grpc.pb.h"
#include "penstock/v1/lineage.grpc.pb.h"
#include "penstock/v1/telemetry.grpc.pb.h"

namespace penstock::ctl {
namespace {

Status watch(Session& session, const std::function<bool(const v1::TelemetryUpdate&)>& update) {
  return session.read<v1::TelemetryService, v1::WatchRequest, v1::TelemetryUpdate>(&v1::TelemetryService::Stub::Watch, v1::WatchRequest{}, update);
}

Result<v1::TelemetryUpdate> full_picture(Session& session) {
  v1::TelemetryUpdate picture;
  PENSTOCK_TRY(watch(session, [&](const v1::TelemetryUpdate& update) {
    picture = update;
    return false;
  }));
  return picture;
}

std::string status_text(const v1::PipelineState& pipeline) { return to_json(pipeline)["status"].get<std::string>(); }

std::string status_page(const v1::TelemetryUpdate& picture) {
  Table table({"pipeline", "status", "in", "behind", "queryable p50 / p99", "failing", "pods", "reason"});
  for (const auto& pipeline : picture.pipelines())
    table.add({pipeline.name(), status_text(pipeline), rate_text(pipeline.rows_per_second()),
               pipeline.behind_rows() < 0 ? "–" : count_text(pipeline.behind_rows()), latency_text(pipeline.queryable()),
               count_text(pipeline.failing_rows()), std::to_string(pipeline.pods_ready()) + "/" + std::to_string(pipeline.pods_wanted()), pipeline.reason()});
  std::string text = table.text();
  for (const auto& attention : picture.attention())
    text += (text.ends_with("\n\n") ? "" : "\n") + attention.severity() + ": " + attention.subject() + ". " + attention.detail() + "\n";
  return text;
}

Json status_json(const v1::EngineInfo& info, const v1::TelemetryUpdate& picture) {
  const Json all = to_json(picture);
  return {{"engine", to_json(info)}, {"pipelines", all["pipelines"]}, {"pods", all["pods"]}, {"replays", all["replays"]}, {"attention", all["attention"]}};
}

// Keeps the picture that the deltas make, sorted by name.
void fold(v1::TelemetryUpdate& picture, const v1::TelemetryUpdate& update) {
  if (update.full()) {
    picture = update;
    return;
  }
  const auto put = [](auto& known, const auto& changed) {
    for (const auto& item : changed) {
      const auto same = std::find_if(known.begin(), known.end(), [&](const auto& other) { return other.name() == item.name(); });
      same == known.end() ? void(*known.Add() = item) : void(*same = item);
    }
  };
  put(*picture.mutable_pipelines(), update.pipelines());
  auto& pipelines = *picture.mutable_pipelines();
  pipelines.erase(std::remove_if(pipelines.begin(), pipelines.end(), [&](const auto& pipeline) {
    return std::find(update.removed_pipelines().begin(), update.removed_pipelines().end(), pipeline.name()) != update.removed_pipelines().end();
  }), pipelines.end());
  if (update.attention_changed()) *picture.mutable_attention() = update.attention();
}

Outcome status(Session& session, bool follow) {
  if (!follow) {
    PENSTOCK_ASSIGN(const auto info, session.call<v1::EngineService>(&v1::EngineService::Stub::GetInfo, v1::GetInfoRequest{}));
    PENSTOCK_ASSIGN(const auto picture, full_picture(session));
    session.json() ? print(status_json(info, picture)) : print(status_page(picture));
    return Exit::done;
  }
  v1::TelemetryUpdate picture;
  const bool terminal = writes_to_terminal();
  PENSTOCK_TRY(watch(session, [&](const v1::TelemetryUpdate& update) {
    if (session.json()) {
      print(to_json(update).dump(-1, ' ', false, Json::error_handler_t::replace));
      return true;
    }
    fold(picture, update);
    print((terminal ? "\x1b[H\x1b[2J" : "") + status_page(picture));
    return true;
  }));
  return Exit::done;
}

Outcome metrics(Session& session, const std::string& name) {
  PENSTOCK_ASSIGN(const auto picture, full_picture(session));
  const auto pipeline = std::find_if(picture.pipelines().begin(), picture.pipelines().end(), [&](const auto& other) { return other.name() == name; });
  if (pipeline == picture.pipelines().end()) return Error(ErrorKind::not_found, "no pipeline is called '" + name + "'", "penstockctl status lists them");
  Json edges = Json::array(), expectations = Json::array();
  Table hops({"from", "to", "rows/s", "p50 / p99", "rows"});
  for (const auto& edge : picture.edges()) {
    if (edge.pipeline() != name) continue;
    edges.push_back(to_json(edge));
    hops.add({edge.from(), edge.to(), rate_text(edge.rows_per_second()), latency_text(edge.latency()), count_text(edge.rows())});
  }
  Table checks({"expectation", "step", "on fail", "checked", "failed"});
  for (const auto& expectation : picture.expectations()) {
    if (expectation.pipeline() != name) continue;
    expectations.push_back(to_json(expectation));
    checks.add({expectation.name(), expectation.step(), expectation.on_fail(), count_text(expectation.checked()), count_text(expectation.failed())});
  }
  if (session.json()) {
    print(Json{{"pipeline", to_json(*pipeline)}, {"edges", edges}, {"expectations", expectations}});
    return Exit::done;
  }
  const auto& rows = pipeline->rows();
  Table sum({"in", "landed", "dead", "quarantined", "dropped", "duplicates", "late", "filtered", "open"});
  sum.add({count_text(rows.in()), count_text(rows.landed()), count_text(rows.dead()), count_text(rows.quarantined()), count_text(rows.dropped()),
           count_text(rows.duplicates()), count_text(rows.late()), count_text(rows.filtered()), count_text(pipeline->open_rows())});
  Table sinks({"sink", "circuit", "since", "next try", "delivered", "waiting", "error"});
  for (const auto& sink : pipeline->sinks())
    sinks.add({sink.name(), sink.circuit(), time_text(sink.circuit_since()), time_text(sink.next_try()), count_text(sink.delivered_rows()), count_text(sink.waiting_rows()), sink.error()});
  print(name + " is " + status_text(*pipeline) + (pipeline->reason().empty() ? "" : ": " + pipeline->reason()) + "\nqueryable here " +
        latency_text(pipeline->queryable()) + ", visible in Delta " + latency_text(pipeline->visible()) + "\n\n" + sum.text() + "\n" + hops.text() + "\n" +
        sinks.text() + (checks.rows() == 0 ? "" : "\n" + checks.text()));
  return Exit::done;
}

Outcome lineage(Session& session, bool columns) {
  v1::GetGraphRequest request;
  request.set_columns(columns);
  PENSTOCK_ASSIGN(const auto graph, session.call<v1::LineageService>(&v1::LineageService::Stub::GetGraph, request));
  if (session.json()) {
    print(to_json(graph));
    return Exit::done;
  }
  Table nodes(columns ? std::vector<std::string>{"node", "label", "technology", "columns"} : std::vector<std::string>{"node", "label", "technology"});
  for (const auto& node : graph.nodes()) {
    std::vector<std::string> cells{node.id(), node.label(), node.technology()};
    std::string names;
    for (const auto& column : node.columns()) names += (names.empty() ? "" : ", ") + column;
    if (columns) cells.push_back(names);
    nodes.add(cells);
  }
  std::string text = nodes.text() + "\n";
  for (const auto& edge : graph.edges()) text += edge.from() + " → " + edge.to() + "\n";
  print(text);
  return Exit::done;
}

}  // namespace

void add_look_commands(CLI::App& app, Session& session) {
  auto* status_command = app.add_subcommand("status", "State of each pipeline, and what needs you");
  auto follow = std::make_shared<bool>(false);
  status_command->add_flag("--watch,-w", *follow, "go on as it changes; with --json one update a line");
  status_command->footer("Examples:\n  penstockctl status\n  penstockctl --engine 10.0.0.4:7433 status --watch");
  status_command->callback([&session, follow] { session.command = [&session, follow] { return status(session, *follow); }; });

  auto* metrics_command = app.add_subcommand("metrics", "What flows through one pipeline: the sum of rows, hops, sinks, expectations");
  auto name = std::make_shared<std::string>();
  metrics_command->add_option("PIPELINE", *name, "its name")->required();
  metrics_command->footer("Example:\n  penstockctl --json metrics sales");
  metrics_command->callback([&session, name] { session.command = [&session, name] { return metrics(session, *name); }; });

  auto* lineage_command = app.add_subcommand("lineage", "The graph of sources, steps, tables and sinks");
  auto columns = std::make_shared<bool>(false);
  lineage_command->add_flag("--columns", *columns, "with the columns of each node");
  lineage_command->footer("Example:\n  penstockctl lineage --columns");
  lineage_command->callback([&session, columns] { session.command = [&session, columns] { return lineage(session, *columns); }; });

  auto* logs = app.add_subcommand("logs", "What the engine and its pods wrote");
  auto options = add_log_options(*logs);
  auto text = std::make_shared<std::string>(), level = std::make_shared<std::string>();
  logs->add_option("--text", *text, "only lines with this in them");
  logs->add_option("--level", *level, "at least this severe")->check(CLI::IsMember({"trace", "debug", "info", "warning", "error"}));
  logs->footer("Example:\n  penstockctl logs --level warning --follow");
  logs->callback([&session, options, text, level] {
    session.command = [&session, options, text, level]() -> Outcome {
      v1::EngineLogsRequest request;
      request.set_tail(options->tail);
      request.set_follow(options->follow);
      request.set_text(*text);
      request.set_min_level(*level);
      PENSTOCK_TRY((session.read<v1::ActivityService, v1::EngineLogsRequest, v1::LogLine>(
          &v1::ActivityService::Stub::Logs, request, [&](const v1::LogLine& line) { return print_log_line(session, line); })));
      return Exit::done;
    };
  });
}

}  // namespace penstock::ctl
