// scaling_bench [--rate N] [--seconds N] [--json]: one source of eight partitions at 20,000 events/s, in two pods, then four, then
// two again. How long after its event a row can be queried in gold over the minute that holds both changes, and whether every
// row is there once afterwards, counted by query over bronze after a drain.

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>

#include "bench/bench_report.h"
#include "bench/engine_process.h"
#include "bench/retail_copy.h"

using namespace penstock;
using namespace std::chrono_literals;

namespace {

std::int64_t number(const bench::EngineProcess& engine, const QString& sql) {
  const auto rows = QJsonDocument::fromJson(engine.ask({"query", sql})).object()["rows"].toArray();
  return rows.size() == 1 ? rows[0].toObject().constBegin().value().toInteger() : -1;
}

int running_pods(const bench::Picture& picture) {
  int running = 0;
  for (const auto& [name, pod] : picture.pods) running += pod.phase() == v1::POD_PHASE_RUNNING;
  return running;
}

// Empty: so many pods run. Else what was said.
std::string scale(bench::EngineProcess& engine, int pods) {
  const QByteArray said = engine.ask({"pods", "scale", "pos_sales", QString::number(pods)});
  const bool done = engine.wait_for([&](const bench::Picture& picture) { return running_pods(picture) == pods; }, 30s);
  return done ? "" : "no " + std::to_string(pods) + " pods: " + said.toStdString();
}

}  // namespace

int main(int argc, char** argv) {
  const QCoreApplication application(argc, argv);
  const int rate = static_cast<int>(bench::number_after(argc, argv, "--rate", 20'000));
  const QTemporaryDir folder;
  if (!bench::write_sharded_source(folder.filePath("one"), rate)) return 1;
  bench::EngineProcess engine(folder.filePath("one"));
  const auto fail = [](const std::string& wrong) {
    std::fprintf(stderr, "%s\n", wrong.c_str());
    return 1;
  };
  if (const std::string wrong = engine.start(); !wrong.empty()) return fail(wrong);
  const auto flows = [&](const bench::Picture& picture) { return picture.rows_per_second() > 0.8 * rate; };
  const auto never = [](const bench::Picture&) { return false; };
  if (!engine.wait_for(flows, 60s)) return fail("no more than " + std::to_string(engine.now().rows_per_second()) + " rows/s flow");
  engine.wait_for(never, 75s);      // until the minute that is reported holds nothing of the start
  const auto steady = engine.now().pipelines["pos_sales"].queryable();
  if (const std::string wrong = scale(engine, 4); !wrong.empty()) return fail(wrong);
  engine.wait_for(never, 20s);
  if (const std::string wrong = scale(engine, 2); !wrong.empty()) return fail(wrong);
  engine.wait_for(never, 20s);
  const auto scaled = engine.now().pipelines["pos_sales"].queryable();
  engine.ask({"run", "pos_sales", "--drain", "--close"});
  const std::int64_t doubled = number(engine, "SELECT count(*) FROM (SELECT _partition, _offset FROM bronze.pos_sales GROUP BY ALL HAVING count(*) > 1)");
  const std::int64_t lost = number(engine, "SELECT sum(gap)::BIGINT FROM (SELECT max(_offset) - min(_offset) + 1 - count(DISTINCT _offset) AS gap FROM bronze.pos_sales GROUP BY _partition)");
  const std::int64_t rows = number(engine, "SELECT count(*) FROM bronze.pos_sales");
  const auto ms = [](std::int64_t micros) { return static_cast<double>(micros) / 1e3; };
  bench::print({.benchmark = "scaling",
                .metrics = {{"two pods: p99", ms(steady.p99()), "ms", ""},
                            {"two pods: p99.9", ms(steady.p999()), "ms", ""},
                            {"2 -> 4 -> 2 pods: p99", ms(scaled.p99()), "ms", ""},
                            {"2 -> 4 -> 2 pods: p99.9", ms(scaled.p999()), "ms", "<= 340"},
                            {"2 -> 4 -> 2 pods: longest", ms(scaled.max()), "ms", ""},
                            {"rows", static_cast<double>(rows), "rows", ""},
                            {"lost", static_cast<double>(lost), "rows", "0"},
                            {"doubled", static_cast<double>(doubled), "rows", "0"}},
                .conditions = {{"event", "source event to the commit after which queries see it, in the minute that holds both changes"},
                               {"source", std::to_string(rate) + " events/s in 8 partitions and 8 shards"}}},
               argc, argv);
  return 0;
}
