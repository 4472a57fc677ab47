// query_sessions_bench [--sessions N] [--seconds N] [--json]: 40 sessions that query without a pause while 580 events/s of twelve
// sources come in: how much later rows can be queried than without them, and how long a query takes.

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>

#include "bench/bench_report.h"
#include "bench/engine_process.h"
#include "bench/retail_copy.h"

using namespace penstock;
using namespace std::chrono_literals;

namespace {

// What operators ask while something is wrong: a look at the newest rows, a count, a sum by key, a join with a table.
constexpr std::array kQueries = {
    "SELECT * FROM silver.sales ORDER BY sold_at DESC LIMIT 100",
    "SELECT count(*), max(sold_at) FROM silver.sales",
    "SELECT store_id, sum(takings) AS takings FROM gold.store_takings GROUP BY ALL ORDER BY takings DESC",
    "SELECT s.name, count(*) AS lines FROM silver.sales JOIN ref.stores s ON s.id = store_id GROUP BY ALL",
};

struct Ingest {
  double p50 = 0, p99 = 0;      // of the pipeline whose p99 is the highest, ms
};

Ingest ingest_of(const bench::Picture& picture) {
  Ingest worst;
  for (const auto& [name, pipeline] : picture.pipelines) {
    worst.p50 = std::max(worst.p50, static_cast<double>(pipeline.queryable().p50()) / 1e3);
    worst.p99 = std::max(worst.p99, static_cast<double>(pipeline.queryable().p99()) / 1e3);
  }
  return worst;
}

double at(const std::vector<double>& sorted, double share) {
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  const QCoreApplication application(argc, argv);
  const auto sessions = bench::number_after(argc, argv, "--sessions", 40);
  const std::chrono::seconds time(bench::number_after(argc, argv, "--seconds", 75));      // a minute is reported
  const auto fail = [](const std::string& wrong) {
    std::fprintf(stderr, "%s\n", wrong.c_str());
    return 1;
  };
  const QTemporaryDir folder;
  if (!bench::write_steady_retail(folder.filePath("retail"))) return fail("the workspace cannot be written");
  bench::EngineProcess engine(folder.filePath("retail"));
  if (const std::string wrong = engine.start(); !wrong.empty()) return fail(wrong);
  if (!engine.wait_for([](const bench::Picture& picture) { return picture.rows_per_second() > 0.8 * 580; }, 60s)) return fail("the demo does not flow");
  const auto never = [](const bench::Picture&) { return false; };
  engine.wait_for(never, time);
  const Ingest alone = ingest_of(engine.now());

  std::vector<std::vector<double>> took(static_cast<std::size_t>(sessions));
  std::atomic<std::int64_t> failed = 0;
  {
    std::vector<std::jthread> askers;
    for (std::size_t session = 0; session < took.size(); ++session)
      askers.emplace_back([&, session](const std::stop_token& stop) {
        for (std::size_t turn = session; !stop.stop_requested(); ++turn) {
          const auto begun = std::chrono::steady_clock::now();
          if (!engine.query(kQueries[turn % kQueries.size()])) ++failed;
          took[session].push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
        }
      });
    engine.wait_for(never, time);
  }
  const Ingest beside = ingest_of(engine.now());
  std::vector<double> all;
  for (const auto& one : took) all.insert(all.end(), one.begin(), one.end());
  std::sort(all.begin(), all.end());
  bench::print({.benchmark = "query_sessions",
                .metrics = {{"ingest p99 alone", alone.p99, "ms", ""},
                            {"ingest p99 beside the sessions", beside.p99, "ms", "<= 1.2 x alone"},
                            {"ingest p50 alone", alone.p50, "ms", ""},
                            {"ingest p50 beside the sessions", beside.p50, "ms", ""},
                            {"queries/s of all sessions", static_cast<double>(all.size()) / static_cast<double>(time.count()), "", ""},
                            {"a query: p50", at(all, 0.5), "ms", ""},
                            {"a query: p99", at(all, 0.99), "ms", ""},
                            {"queries that failed", static_cast<double>(failed), "", "0"}},
                .conditions = {{"sessions", std::to_string(sessions) + ", each asks again as soon as it is answered"},
                               {"ingest", "580 events/s over 12 sources; the pipeline whose p99 is the highest"}}},
               argc, argv);
  return 0;
}
