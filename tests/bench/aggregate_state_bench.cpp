// aggregate_state_bench [--keys N] [--json]: what an aggregate of many keys keeps. Partial rows of random keys take the place of
// those that are there, an epoch of 65,536 rows at a time, each logged and synced; then the state is read back.

#include <QTemporaryDir>

#include <algorithm>
#include <fstream>
#include <random>

#include "bench/bench_report.h"
#include "record/batch_builder.h"
#include "stream/aggregate_state.h"

using namespace penstock;

namespace {

constexpr std::int64_t kEpochRows = 65'536;

const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"penstock_pane", {TypeKind::int64}}, {"penstock_k0", {TypeKind::int64}}, {"penstock_p1", {TypeKind::int64}}, {"penstock_p2", {TypeKind::int64}}});

AggregateState::Options options() { return {"step/a/aggregate/", schema, {1}, 0}; }

// One row of each key.
Batch rows(const std::vector<std::int64_t>& keys) {
  BatchBuilder builder(schema);
  for (const std::int64_t key : keys) {
    builder[0].append_int64(0);
    builder[1].append_int64(key);
    builder[2].append_int64(key % 100);
    builder[3].append_int64(1);
  }
  return builder.finish();
}

double resident_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t keys = bench::number_after(argc, argv, "--keys", 10'000'000);
  QTemporaryDir folder;
  auto store = StateStore::open(folder.filePath("state").toStdString(), {});
  if (!store.ok()) return 1;
  std::mt19937_64 random(1);
  std::vector<double> epochs;
  std::int64_t done = 0;
  double busy = 0, resident = 0;
  {
    AggregateState state(options());
    const auto epoch = [&](const std::vector<std::int64_t>& of, bool measured) {
      const Batch batch = rows(of);
      const std::int64_t began = bench::now_micros();
      const AggregateState::Known known = state.find(batch, 0);
      state.put(batch, std::vector<bool>(of.size(), true), 0);
      StateWrite write;
      state.log(write);
      if (!(*store)->write(write, true).ok()) std::exit(1);
      const double seconds = static_cast<double>(bench::now_micros() - began) / 1e6;
      if (!measured) return;
      epochs.push_back(seconds * 1000);
      busy += seconds;
      done += static_cast<std::int64_t>(of.size());
    };
    std::vector<std::int64_t> of;
    for (std::int64_t key = 0; key < keys; ++key) {      // all keys once
      of.push_back(key);
      if (static_cast<std::int64_t>(of.size()) == kEpochRows || key + 1 == keys) epoch(std::exchange(of, {}), false);
    }
    for (std::int64_t round = 0; round < keys / kEpochRows; ++round) {      // as many again, at random
      std::vector<std::int64_t> some;
      for (std::int64_t i = 0; i < kEpochRows; ++i) some.push_back(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(keys)));
      std::sort(some.begin(), some.end());
      some.erase(std::unique(some.begin(), some.end()), some.end());
      std::shuffle(some.begin(), some.end(), random);
      epoch(some, true);
    }
    resident = resident_mib();
  }
  const double on_disk = static_cast<double>((*store)->bytes_on_disk()) / (1 << 20);
  const std::int64_t began = bench::now_micros();
  AggregateState again(options());
  if (!again.restore(**store, 0).ok() || again.keys() != keys) return 1;
  const double restart = static_cast<double>(bench::now_micros() - began) / 1e6;
  bench::print({.benchmark = "aggregate_state",
                .metrics = {{"rows that change their key", static_cast<double>(done) / busy, "rows/s", ">= 1000000"},
                            {"resident", resident, "MiB", "<= 1024"},
                            {"epoch of 65,536 rows, p99", percentile(epochs, 0.99), "ms", ""},
                            {"epoch of 65,536 rows, p50", percentile(epochs, 0.5), "ms", ""},
                            {"restart", restart, "s", "<= 5"},
                            {"state on disk", on_disk, "MiB", ""}},
                .floors = {},
                .peers = {},
                .conditions = {{"keys", std::to_string(keys)}}},
               argc, argv);
  return 0;
}
