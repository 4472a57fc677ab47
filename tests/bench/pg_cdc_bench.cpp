// pg_cdc_bench [--rows N] [--changes N] [--json]: a table of PostgreSQL into a Delta table of the same rows: its first copy, and changes
// that wait in the slot. Beside both what libpq alone takes to read the same. The copy runs twice, each time in a process of its
// own: of the rows, and of a tenth of them, so that memory that grows with the table shows.

#include <QCoreApplication>
#include <QDir>
#include <QProcess>
#include <QTemporaryDir>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "bench/bench_report.h"
#include "connectors/postgres/pg_connection.h"
#include "connectors/postgres/pgoutput.h"
#include "engine/connectors.h"
#include "engine/workspace_control.h"
#include "secrets/resolve.h"
#include "stream/pod_runtime.h"
#include "support/postgres_server.h"

using namespace penstock;
using Steady = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kWait{250};

double seconds_since(Steady::time_point began) { return std::chrono::duration<double>(Steady::now() - began).count(); }

// "VmHWM" of this process, in MiB.
double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

// The stream `name` of the workspace in `folder`, until it has taken `rows` in all its lives and everything is visible in Delta.
Result<nlohmann::json> run_stream(const std::string& folder, const std::string& name, std::int64_t rows) {
  const ConnectorCatalog catalog = all_connectors(folder + "/state");
  CheckedWorkspace checked = check_workspace_folder(folder + "/workspace", "", catalog);
  if (!checked.problems.empty()) return Error(ErrorKind::invalid_argument, checked.problems.front().to_string());
  for (ConnectionSpec& connection : checked.workspace.connections) {
    PENSTOCK_ASSIGN(connection.settings, resolve_secrets(connection.settings, default_secret_providers()));
  }
  const auto workspace = std::make_shared<const Workspace>(std::move(checked.workspace));
  PodRuntime pod(catalog, {.pod = "bench", .memory_bytes = 512 << 20});
  const double cpu = bench::cpu_seconds();
  const auto began = Steady::now();
  std::mutex mutex;
  std::condition_variable changed;
  pod.on_change([&] { changed.notify_all(); });
  PENSTOCK_TRY(pod.start({.workspace = workspace, .stream = name, .version = 1, .state_root = folder + "/state", .tables_root = folder + "/tables"}));
  double taken = 0;
  {
    std::unique_lock lock(mutex);
    while (true) {
      const StreamReport report = pod.report().streams.front();
      if (report.status == PipelineStatus::failing || report.status == PipelineStatus::degraded) return Error(ErrorKind::internal, report.reason);
      if (report.rows_in >= rows) break;
      changed.wait_for(lock, std::chrono::milliseconds(20));
    }
    taken = seconds_since(began);
  }
  pod.on_change({});
  PENSTOCK_TRY(pod.stop(name, {.drain = true}));
  return nlohmann::json{{"taken", taken}, {"visible", seconds_since(began)}, {"cpu", bench::cpu_seconds() - cpu}, {"peak", peak_memory()}};
}

// The same in a process of its own.
Result<nlohmann::json> run_apart(const QString& folder, const QString& name, std::int64_t rows) {
  QProcess process;
  process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
  process.start(QCoreApplication::applicationFilePath(), {"--alone", folder, name, QString::number(rows)});
  if (!process.waitForFinished(-1) || process.exitCode() != 0) return Error(ErrorKind::internal, "the stream " + name.toStdString() + " failed");
  // The log comes before it.
  return nlohmann::json::parse(process.readAllStandardOutput().trimmed().split('\n').back().toStdString());
}

Result<std::unique_ptr<postgres::Connection>> connect(int port, bool replication) {
  postgres::ConnectionOptions options{.host = "127.0.0.1", .port = port, .database = test::PostgresServer::kDatabase, .user = test::PostgresServer::kUser,
                                      .password = test::PostgresServer::kPassword};
  options.statement_timeout = std::chrono::milliseconds(0);
  options.replication = replication;
  return postgres::Connection::open(options);
}

// Rows a second that libpq hands out of a COPY.
Result<double> copy_alone(int port, const std::string& sql) {
  PENSTOCK_ASSIGN(const auto session, connect(port, false));
  const auto began = Steady::now();
  PENSTOCK_TRY(session->copy_out(sql));
  std::int64_t rows = 0;
  for (std::string_view line;;) {
    PENSTOCK_ASSIGN(const auto copied, session->take_copied(line));
    if (copied == postgres::Connection::Copied::ended) break;
    if (copied == postgres::Connection::Copied::nothing) PENSTOCK_TRY(postgres::Connection::wait_for_any({session.get()}, kWait));
    else ++rows;
  }
  return static_cast<double>(rows) / seconds_since(began);
}

// Changes a second that libpq hands out of a slot, read up to the last of them and looked at no further than their kind.
Result<double> changes_alone(int port, std::int64_t changes) {
  PENSTOCK_ASSIGN(const auto session, connect(port, true));
  const auto began = Steady::now();
  PENSTOCK_TRY(session->copy_out("START_REPLICATION SLOT floor LOGICAL 0/0 (proto_version '1', publication_names 'floor')"));
  std::int64_t seen = 0;
  for (std::string_view bytes; seen < changes;) {
    PENSTOCK_ASSIGN(const auto copied, session->take_copied(bytes));
    if (copied == postgres::Connection::Copied::ended) return Error(ErrorKind::internal, "the slot ended");
    if (copied == postgres::Connection::Copied::nothing) {
      PENSTOCK_TRY(postgres::Connection::wait_for_any({session.get()}, kWait));
      continue;
    }
    PENSTOCK_ASSIGN(const auto replicated, postgres::parse_replicated(bytes));
    if (const auto* data = std::get_if<postgres::LogData>(&replicated)) seen += data->message.starts_with('I') || data->message.starts_with('U') || data->message.starts_with('D');
  }
  return static_cast<double>(seen) / seconds_since(began);
}

struct Ways {
  test::PostgresServer postgres;
  QTemporaryDir folder;

  Status psql(const QString& sql) const {
    const QStringList said = postgres.psql(sql);
    return said.isEmpty() ? Status() : Status(Error(ErrorKind::internal, said.join(" ").toStdString()));
  }

  // A table of an order's columns, and a folder with a stream that follows it.
  Status make(const QString& name, std::int64_t rows) const {
    PENSTOCK_TRY(psql("CREATE TABLE " + name + " (id bigint PRIMARY KEY, customer_id int, sku text, qty int, price numeric(12,2), status text, ordered_at timestamptz, paid boolean)"));
    PENSTOCK_TRY(psql("INSERT INTO " + name + " SELECT i, (i::bigint * 7919 % 100003)::int, 'SKU-' || i % 5000, (i % 9)::int + 1, (i % 100000) / 100.0, (ARRAY['new','paid','sent','done'])[i % 4 + 1], "
                      "timestamptz '2026-01-01' + i * interval '1 second', i % 3 = 0 FROM generate_series(1, " + QString::number(rows) + ") i"));
    PENSTOCK_TRY(psql("VACUUM ANALYZE " + name));
    const QString root = folder.filePath(name);
    QDir().mkpath(root + "/workspace/pipelines");
    const std::string workspace = (root + "/workspace").toStdString();
    std::ofstream(workspace + "/penstock.yaml") << "workspace: bench\n";
    std::ofstream(workspace + "/connections.yaml") << "shop: { postgres: { host: 127.0.0.1, port: " << postgres.port() << ", database: shop, user: penstock, password: \"${env:PENSTOCK_BENCH_PASSWORD}\" } }\n";
    std::ofstream(workspace + "/pipelines/streams.yaml") << "stream: " << name.toStdString() << "\nsource:\n  postgres_cdc: { connection: shop, table: public." << name.toStdString()
                                                         << ", key: [id] }\nsteps:\n  silver: { land: silver.orders }\n";
    return {};
  }

  // So many changes of the table, half of them updates, a quarter each inserts and deletes; 1,000 rows a transaction.
  Status change(const QString& name, std::int64_t rows, std::int64_t changes) const {
    PENSTOCK_TRY(psql("CREATE PROCEDURE change_it(first bigint, changes bigint) LANGUAGE plpgsql AS $$ BEGIN FOR i IN 0 .. changes / 1000 - 1 LOOP "
                      "UPDATE " + name + " SET price = price + 1, status = 'sent' WHERE id BETWEEN i * 250 + 1 AND i * 250 + 250; UPDATE " + name + " SET qty = qty + 1 WHERE id BETWEEN i * 250 + 1 AND i * 250 + 250; "
                      "INSERT INTO " + name + " SELECT j, 1, 'SKU-' || j % 5000, 1, 1.5, 'new', now(), false FROM generate_series(first + i * 250, first + i * 250 + 249) j; "
                      "DELETE FROM " + name + " WHERE id BETWEEN i * 250 + 1 AND i * 250 + 250; COMMIT; END LOOP; END $$"));
    return psql("CALL change_it(" + QString::number(rows + 1) + ", " + QString::number(changes) + ")");
  }
};

Status measure(std::int64_t rows, std::int64_t changes, int argc, char** argv) {
  Ways ways;
  if (const QString wrong = ways.postgres.start(); !wrong.isEmpty()) return Error(ErrorKind::unavailable, wrong.toStdString());
  const int port = ways.postgres.port();
  PENSTOCK_TRY(ways.make("tenth", rows / 10));
  PENSTOCK_TRY(ways.make("orders", rows));
  PENSTOCK_TRY(ways.psql("CHECKPOINT"));
  const auto ends = [&](const QString& name) { return ways.folder.filePath(name); };

  PENSTOCK_ASSIGN(const double text, copy_alone(port, "COPY orders TO STDOUT"));
  PENSTOCK_ASSIGN(const double binary, copy_alone(port, "COPY orders TO STDOUT (FORMAT binary)"));
  PENSTOCK_ASSIGN(const auto tenth, run_apart(ends("tenth"), "tenth", rows / 10));
  PENSTOCK_ASSIGN(const auto copied, run_apart(ends("orders"), "orders", rows));

  PENSTOCK_TRY(ways.psql("CREATE PUBLICATION floor FOR TABLE orders"));
  PENSTOCK_TRY(ways.psql("DO $$ BEGIN PERFORM pg_create_logical_replication_slot('floor', 'pgoutput'); END $$"));
  PENSTOCK_TRY(ways.change("orders", rows, changes));
  PENSTOCK_TRY(ways.psql("CHECKPOINT"));
  PENSTOCK_ASSIGN(const double raw, changes_alone(port, changes));
  PENSTOCK_ASSIGN(const auto followed, run_apart(ends("orders"), "orders", rows + changes));

  const double all = static_cast<double>(rows), changed = static_cast<double>(changes), followed_rate = changed / followed["taken"].get<double>();
  bench::print({.benchmark = "pg_cdc",
                .metrics = {{"first copy, visible in Delta", all / copied["visible"].get<double>(), "rows/s", ">= 500000"},
                            {"first copy, durable here", all / copied["taken"].get<double>(), "rows/s", ""},
                            {"first copy", all / copied["cpu"].get<double>(), "rows per CPU second", ""},
                            {"first copy: peak memory", copied["peak"].get<double>(), "MiB", ""},
                            {"first copy: peak memory against that of a tenth of the rows", copied["peak"].get<double>() / tenth["peak"].get<double>(), "", "<= 1.1"},
                            {"changes, durable here", followed_rate, "changes/s", ""},
                            {"changes, durable here, against reading pgoutput raw", followed_rate / raw, "", ">= 0.9"},
                            {"changes, merged in Delta", changed / followed["visible"].get<double>(), "changes/s", ""},
                            {"changes", changed / followed["cpu"].get<double>(), "changes per CPU second", ""}},
                .floors = {{"COPY in text, read by libpq alone", text, "rows/s", ""}, {"COPY in binary, read by libpq alone", binary, "rows/s", ""}, {"pgoutput, read by libpq alone", raw, "changes/s", ""}},
                .conditions = {{"rows", std::to_string(rows)}, {"changes", std::to_string(changes)}, {"PostgreSQL", "of this machine"}}},
               argc, argv);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const QCoreApplication application(argc, argv);
  qputenv("PENSTOCK_BENCH_PASSWORD", test::PostgresServer::kPassword);
  const auto fail = [](const Error& error) {
    std::fprintf(stderr, "%s\n", error.to_string().c_str());
    return 1;
  };
  if (argc == 5 && std::strcmp(argv[1], "--alone") == 0) {
    const auto ran = run_stream(argv[2], argv[3], std::atoll(argv[4]));
    if (!ran.ok()) return fail(ran.error());
    std::printf("%s\n", ran->dump().c_str());
    return 0;
  }
  const Status measured = measure(bench::number_after(argc, argv, "--rows", 3'000'000), bench::number_after(argc, argv, "--changes", 400'000), argc, argv);
  return measured.ok() ? 0 : fail(measured.error());
}
