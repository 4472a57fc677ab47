#include <iterator>
#include <iostream>

#include "ctl/cells.h"
#include "ctl/commands.h"
#include "penstock/v1/query.grpc.pb.h"

namespace penstock::ctl {
namespace {

struct Received {
  std::vector<v1::Column> columns;
  std::vector<v1::Row> rows;
  v1::QueryResult end;
};

void print_json(const Received& result) {
  Json columns = Json::array(), rows = Json::array();
  for (const auto& column : result.columns) columns.push_back(column.name());
  for (const auto& row : result.rows) {
    Json object = Json::object();
    for (int i = 0; i < row.cells_size(); ++i) object[result.columns[static_cast<std::size_t>(i)].name()] = cell_json(row.cells(i));
    rows.push_back(std::move(object));
  }
  print(Json{{"columns", columns}, {"rows", rows}, {"truncated", result.end.truncated()}});
}

void print_table(const Received& result) {
  std::vector<std::string> headers;
  for (const auto& column : result.columns) headers.push_back(column.name());
  Table table(headers);
  for (const auto& row : result.rows) {
    std::vector<std::string> cells;
    for (const auto& cell : row.cells()) cells.push_back(cell_text(cell));
    table.add(std::move(cells));
  }
  print(table.text());
  print((result.end.truncated() ? "the first " : "") + count_text(result.end.total_rows()) + (result.end.total_rows() == 1 ? " row in " : " rows in ") +
        duration_text(result.end.micros()));
}

Outcome query(Session& session, v1::RunQueryRequest request) {
  if (request.sql() == "-") request.set_sql(std::string(std::istreambuf_iterator<char>(std::cin), {}));
  Received result;
  PENSTOCK_TRY((session.read<v1::QueryService, v1::RunQueryRequest, v1::QueryResult>(
      &v1::QueryService::Stub::Run, request, [&](const v1::QueryResult& part) {
        result.columns.insert(result.columns.end(), part.columns().begin(), part.columns().end());
        result.rows.insert(result.rows.end(), part.rows().begin(), part.rows().end());
        if (part.done()) result.end = part;
        return true;
      })));
  session.json() ? print_json(result) : print_table(result);
  return Exit::done;
}

}  // namespace

void add_query_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("query", "One SELECT over tables (layer.name), steps (stream.step) and seeds (ref.name)");
  auto request = std::make_shared<v1::RunQueryRequest>();
  auto sql = std::make_shared<std::string>();
  auto limit = std::make_shared<std::int64_t>(0);
  auto offset = std::make_shared<std::int64_t>(0);
  command->add_option("SQL", *sql, "the statement; '-' reads it from the standard input")->required();
  command->add_option("--limit", *limit, "at most so many rows (default 100,000)")->check(CLI::PositiveNumber);
  command->add_option("--offset", *offset, "rows to skip")->check(CLI::NonNegativeNumber);
  command->footer("Examples:\n  penstockctl query 'SELECT count(*) FROM silver.sales'\n"
                  "  penstockctl --json query 'SELECT * FROM sales.velocity ORDER BY units DESC LIMIT 10'");
  command->callback([&session, request, sql, limit, offset] {
    request->set_sql(*sql);
    request->set_max_rows(*limit);
    request->set_offset(*offset);
    session.command = [&session, request] { return query(session, *request); };
  });
}

}  // namespace penstock::ctl
