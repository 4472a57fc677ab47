#include "sql/query_engine.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/cpu_meter.h"
#include "base/this_thread.h"
#include "sql/query_names.h"
#include "sql/session_impl.h"
#include "sql/session_watch.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr int kNicerThanStreams = 10;

// From here on the session reads these files and nothing else, and no setting changes.
Status close_to_all_but(Session& session, const std::vector<std::string>& files) {
  std::string list;
  for (const std::string& file : files) list += (list.empty() ? "" : ", ") + quote_text(file);
  return session.execute("SET allowed_paths = [" + list + "]; SET enable_external_access = false; SET lock_configuration = true");
}

SqlTree number(std::int64_t value) {
  return {{"class", "CONSTANT"}, {"type", "VALUE_CONSTANT"}, {"alias", ""}, {"query_location", 0},
          {"value", {{"type", {{"id", "BIGINT"}, {"type_info", nullptr}}}, {"is_null", false}, {"value", value}}}};
}

// `statement` with at most `rows` rows after `skip`. A LIMIT of its own is kept inside.
Result<std::string> limited_sql(Session& session, SqlTree statement, std::int64_t rows, std::int64_t skip) {
  SqlTree& modifiers = statement["node"]["modifiers"];
  const bool has_limit = std::any_of(modifiers.begin(), modifiers.end(),
                                     [](const SqlTree& one) { return text_of(one, "type").starts_with("LIMIT"); });
  if (!has_limit) modifiers.push_back({{"type", "LIMIT_MODIFIER"}, {"limit", number(rows)}, {"offset", number(skip)}});
  PENSTOCK_ASSIGN(const std::string sql, to_sql(session, statement));
  if (!has_limit) return sql;
  return "SELECT * FROM (" + sql + ") LIMIT " + std::to_string(rows) + " OFFSET " + std::to_string(skip);
}

// `sql` with values that no column can have as JSON or text.
std::string readable_sql(const std::string& sql, const Statement& statement) {
  std::string columns, names;
  for (std::size_t column = 0; column < statement.columns(); ++column) {
    const std::string inner = "c" + std::to_string(column);
    std::string value = inner;
    if (statement.is_nested(column)) {
      value = "to_json(" + inner + ")";
    } else if (!statement.type(column).ok()) {
      value = "CAST(" + inner + " AS VARCHAR)";
    }
    columns += (columns.empty() ? "" : ", ") + value + " AS " + quote_name(statement.name(column));
    names += (names.empty() ? "" : ", ") + inner;
  }
  return "SELECT " + columns + " FROM (" + sql + ") AS q(" + names + ")";
}

Error error_in(const SqlError& error, const std::string& sql) {
  Error result = error.to_error();
  result.where = where_in(sql, error.offset);
  return result;
}

class QueryRun {
 public:
  // `turn`: that it has now.
  QueryRun(Session& session, TableProvider& tables, QueryTurns& turns, QueryTurns::Turn turn, std::chrono::steady_clock::time_point until, const std::string& sql,
           const QueryLimits& limits, const Cancellation& cancellation)
      : session_(session), tables_(tables), turns_(turns), turn_(std::move(turn)), until_(until), sql_(sql), limits_(limits), cancellation_(cancellation) {}

  Result<QueryOutcome> run(const QueryEngine::OnColumns& on_columns, const QueryEngine::OnBatch& on_batch) {
    SqlError error;
    auto tree = parse_select(session_, sql_, error);
    if (!tree) return error_in(error, sql_);
    PENSTOCK_ASSIGN(tables_named_, take_tables(*tree, sql_));
    turn_->end();        // a pod that hangs makes those wait who ask for its tables, and nobody else
    PENSTOCK_ASSIGN(const auto files, make_views(session_, tables_, tables_named_, sql_));
    turn_ = turns_.take(until_, cancellation_);
    if (!turn_) return Error(ErrorKind::cancelled, "its turn did not come again");
    PENSTOCK_TRY(close_to_all_but(session_, files));
    PENSTOCK_ASSIGN(auto statement, prepare(*tree));
    PENSTOCK_ASSIGN(const SchemaPtr schema, statement.schema());
    PENSTOCK_TRY(on_columns(schema));
    return read(statement, schema, on_batch);
  }

 private:
  duckdb_connection connection() { return session_.impl().connection.get(); }

  Result<Statement> prepare(const SqlTree& tree) {
    SqlError error;
    // As it was written first: its errors have places. Only delta_scan() and AT cannot be bound as they were written.
    const bool as_written = std::none_of(tables_named_.begin(), tables_named_.end(), [](const NamedTable& one) { return one.has_own_view(); });
    if (as_written && !Statement::prepare(connection(), sql_, error)) return error_in(error, sql_);
    const auto rows = limits_.rows + 1;      // one more tells that there are more
    PENSTOCK_ASSIGN(const std::string limited, limited_sql(session_, tree, rows, limits_.skip_rows));
    const auto plain = Statement::prepare(connection(), limited, error);
    if (!plain) return error.to_error();
    auto readable = Statement::prepare(connection(), readable_sql(limited, *plain), error);
    if (!readable) return error.to_error();
    return std::move(*readable);
  }

  Result<QueryOutcome> read(Statement& statement, const SchemaPtr& schema, const QueryEngine::OnBatch& on_batch) {
    QueryOutcome outcome;
    BatchBuilder builder(schema);
    const auto failed = statement.execute(builder, [&]() -> Status {
      turn_->end();        // whoever takes the rows may be slow
      const Batch chunk = builder.finish();
      for (std::int64_t row = 0; row < chunk.rows();) {
        if (cancellation_.stop_requested()) return Error(ErrorKind::cancelled, "the query was cancelled");
        const auto room = limits_.rows - outcome.rows;
        if (room == 0) {
          outcome.truncated = true;
          break;
        }
        const auto count = std::min({limits_.page_rows, room, chunk.rows() - row});
        PENSTOCK_TRY(on_batch(chunk.slice(row, count)));
        outcome.rows += count;
        row += count;
      }
      return {};
    });
    if (failed) return failed->to_error();
    return outcome;
  }

  Session& session_;
  TableProvider& tables_;
  QueryTurns& turns_;
  std::optional<QueryTurns::Turn> turn_;
  const std::chrono::steady_clock::time_point until_;
  const std::string& sql_;
  const QueryLimits& limits_;
  const Cancellation& cancellation_;
  std::vector<NamedTable> tables_named_;
};

}  // namespace

QueryEngine::QueryEngine(TableProvider& tables) : tables_(tables), turns_(std::max<std::size_t>(1, static_cast<std::size_t>(CpuMeter::system().cores()))) {}

Result<QueryOutcome> QueryEngine::run(const std::string& sql, const QueryLimits& limits, Cancellation cancellation,
                                      const OnColumns& on_columns, const OnBatch& on_batch) const {
  std::optional<Result<QueryOutcome>> outcome;
  std::thread([&] {
    name_this_thread("query");
    lower_thread_priority(kNicerThanStreams);
    outcome.emplace(run_here(sql, limits, cancellation, on_columns, on_batch));
  }).join();
  return std::move(*outcome);
}

Result<QueryOutcome> QueryEngine::run_here(const std::string& sql, const QueryLimits& limits, const Cancellation& cancellation, const OnColumns& on_columns,
                                           const OnBatch& on_batch) const {
  const auto until = std::chrono::steady_clock::now() + limits.time;
  const Error cancelled(ErrorKind::cancelled, "the query was cancelled");
  const Error too_long(ErrorKind::deadline_exceeded, "the query took longer than its " + std::to_string(limits.time.count()) + " ms", "read fewer rows, or ask for more time");
  auto turn = turns_.take(until, cancellation);
  if (!turn) return cancellation.stop_requested() ? cancelled : too_long;
  // Nothing of the caller's runs before close_to_all_but().
  PENSTOCK_ASSIGN(const auto session, Session::open({.memory_bytes = limits.memory_bytes, .threads = limits.threads, .file_access = true}));
  const SessionWatch watch(*session, until, cancellation);
  auto outcome = QueryRun(*session, tables_, turns_, std::move(*turn), until, sql, limits, cancellation).run(on_columns, on_batch);
  if (!outcome.ok() && outcome.error().kind == ErrorKind::cancelled) return watch.expired() ? too_long : cancelled;
  if (!outcome.ok() && outcome.error().kind == ErrorKind::resource_exhausted && outcome.error().action.empty()) {
    return Error(ErrorKind::resource_exhausted, "the query needs more than its " + std::to_string(limits.memory_bytes >> 20) + " MiB of memory",
                 "read fewer columns or rows, or aggregate");
  }
  return outcome;
}

}  // namespace penstock
