// windows_to_postgres_bench [--rate N] [--seconds N] [--json]: windows of 100 ms over 20,000 readings/s without lateness, from the
// end of a window to its rows in PostgreSQL: when each was committed is what the server itself noted (track_commit_timestamp).

#include <QCoreApplication>
#include <QDir>
#include <QFile>

#include <cstdio>

#include "bench/bench_report.h"
#include "bench/engine_process.h"
#include "bench/retail_copy.h"
#include "support/postgres_server.h"

using namespace penstock;
using namespace std::chrono_literals;

namespace {

bool write(const QString& path, const QString& text) {
  QFile file(path);
  return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text.toUtf8()) >= 0;
}

// One source of readings and its windows, as a workspace in `folder`.
bool write_workspace(const QString& folder, int rate, int port) {
  const QString pipeline = QString(R"(stream: readings
source:
  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 11, rate: %1, diurnal: false }
steps:
  reading: { sql: "SELECT store_id, qty, unit_price, sold_at FROM source" }
  averages:
    window: { tumbling: 100ms, time: sold_at, lateness: 0s }
    sql: SELECT store_id, window_start, window_end, count(*) AS readings, sum(qty) AS total, max(unit_price) AS highest FROM reading GROUP BY ALL
sinks:
  - { from: averages, postgres: { connection: ops, table: averages } }
)").arg(rate);
  const QString connections = QString("ops: { postgres: { host: 127.0.0.1, port: %1, database: %2, user: %3, password: \"${env:PENSTOCK_TEST_PASSWORD}\" } }\n")
                                  .arg(port).arg(test::PostgresServer::kDatabase, test::PostgresServer::kUser);
  return bench::write_one_source(folder, rate) && QFile::remove(folder + "/pipelines/pos_sales.yaml") && write(folder + "/pipelines/readings.yaml", pipeline) &&
         write(folder + "/connections.yaml", connections);
}

}  // namespace

int main(int argc, char** argv) {
  const QCoreApplication application(argc, argv);
  const int rate = static_cast<int>(bench::number_after(argc, argv, "--rate", 20'000));
  const std::chrono::seconds time(bench::number_after(argc, argv, "--seconds", 60));
  const auto fail = [](const std::string& wrong) {
    std::fprintf(stderr, "%s\n", wrong.c_str());
    return 1;
  };
  qputenv("PENSTOCK_TEST_PASSWORD", test::PostgresServer::kPassword);
  test::PostgresServer postgres;
  if (const QString wrong = postgres.start(); !wrong.isEmpty()) return fail(wrong.toStdString());
  postgres.psql("ALTER SYSTEM SET track_commit_timestamp = on");
  postgres.stop_for_a_while();
  if (const QString wrong = postgres.start(); !wrong.isEmpty()) return fail(wrong.toStdString());
  const QTemporaryDir folder;
  if (!write_workspace(folder.filePath("readings"), rate, postgres.port())) return fail("the workspace cannot be written");
  bench::EngineProcess engine(folder.filePath("readings"));
  if (const std::string wrong = engine.start(); !wrong.empty()) return fail(wrong);
  const auto flows = [&](const bench::Picture& picture) { return picture.rows_per_second() > 0.8 * rate; };
  if (!engine.wait_for(flows, 60s)) {
    const auto picture = engine.now();
    return fail("no more than " + std::to_string(picture.rows_per_second()) + " rows/s flow" + (picture.pipelines.empty() ? "" : ": " + picture.pipelines.begin()->second.reason()));
  }
  const auto never = [](const bench::Picture&) { return false; };
  engine.wait_for(never, 15s);
  const QStringList begin = postgres.psql("SELECT max(window_end) FROM averages");
  engine.wait_for(never, time);
  const QStringList found = postgres.psql(
      "SELECT unnest(percentile_disc(array[0.5, 0.99, 0.999, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM pg_xact_commit_timestamp(xmin) - window_end) * 1000))"
      " FROM averages WHERE window_end > '" + begin.value(0) + "'");
  const QStringList counted = postgres.psql("SELECT unnest(array[count(DISTINCT window_end), sum(readings) * 10 / count(DISTINCT window_end)]) FROM averages WHERE window_end > '" + begin.value(0) + "'");
  if (found.size() != 4 || counted.size() != 2) return fail("PostgreSQL does not tell: " + found.join(" ").toStdString());
  bench::print({.benchmark = "windows_to_postgres",
                .metrics = {{"window end -> committed in PostgreSQL: p50", found[0].toDouble(), "ms", ""},
                            {"window end -> committed in PostgreSQL: p99", found[1].toDouble(), "ms", "<= 50"},
                            {"window end -> committed in PostgreSQL: p99.9", found[2].toDouble(), "ms", ""},
                            {"window end -> committed in PostgreSQL: longest", found[3].toDouble(), "ms", ""},
                            {"windows", counted[0].toDouble(), "", ""},
                            {"readings in them", counted[1].toDouble(), "1/s", std::to_string(rate)}},
                .conditions = {{"source", std::to_string(rate) + " readings/s of 40 stores, windows of 100 ms, lateness 0"},
                               {"PostgreSQL", "of this machine, with its fsync"}}},
               argc, argv);
  return 0;
}
