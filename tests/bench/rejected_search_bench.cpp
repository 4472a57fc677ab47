// How long an operator waits for a page of a million rejected rows: filtered, sorted, searched for a text.

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/ids.h"
#include "bench/bench_report.h"
#include "store/operations_db.h"
#include "store/rejected_index.h"

using namespace penstock;

namespace {

constexpr int kRows = 1'000'000;
constexpr int kPart = 20'000;
constexpr int kRounds = 5;

RejectedDetail detail(int i) {
  RejectedDetail detail;
  RejectedRow& row = detail.row;
  row.stream = i % 3 ? "pos_sales" : "loyalty";
  row.table = i % 7 ? "quarantine" : "dead_letters";
  row.step = i % 7 ? "silver" : "decode";
  row.expectation = i % 7 ? "known_store" : "";
  row.reason = i % 7 ? "store_id IN (SELECT id FROM ref.stores) does not hold" : "not JSON: the object is not closed";
  row.key = random_id();
  row.source = "pos.sales";
  row.position = {i % 4, i};
  row.rejected_at = row.source_time = 1'763'649'127'000'000 + i;
  row.values = R"({"store_id":41,"sku":"SKU-0042","qty":2})";
  detail.raw = std::string(270, 'r');
  return detail;
}

template <typename Work>
double best_ms(Work work) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double start = bench::cpu_seconds();
    if (!work().ok()) std::exit(1);
    best = std::min(best, (bench::cpu_seconds() - start) * 1e3);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = std::filesystem::temp_directory_path() / ("penstock-rejected-bench-" + random_id());
  std::filesystem::create_directories(folder);
  {
    auto database = open_operations_db((folder / "operations.db").string());
    if (!database.ok()) return 1;
    RejectedIndex index(**database);
    double inserting = 0;
    for (int first = 0; first < kRows; first += kPart) {
      std::vector<RejectedDetail> rows;
      for (int i = first; i < first + kPart; ++i) rows.push_back(detail(i));
      const double start = bench::cpu_seconds();
      if (!index.insert(rows).ok()) return 1;
      inserting += bench::cpu_seconds() - start;
    }
    RejectedFilter stream, text, many, hidden;
    stream.stream = "loyalty";
    text.text = "4a7";
    many.text = "a";
    hidden.text = "no row holds this";
    bench::print({.benchmark = "rejected_search",
                  .metrics = {{"count of a text that few rows hold", best_ms([&] { return index.count(text); }), "ms CPU", "<= 100"},
                              {"count of a text that no row holds", best_ms([&] { return index.count(hidden); }), "ms CPU", "<= 100"},
                              {"count of a text that nearly all rows hold", best_ms([&] { return index.count(many); }), "ms CPU", ""},
                              {"first page of a text that few rows hold", best_ms([&] { return index.page(text, RejectedOrder::time, 0, 500); }), "ms CPU", "<= 100"},
                              {"first page of a text that no row holds", best_ms([&] { return index.page(hidden, RejectedOrder::time, 0, 500); }), "ms CPU", "<= 100"},
                              {"first page of a stream, by key", best_ms([&] { return index.page(stream, RejectedOrder::key, 0, 500); }), "ms CPU", "<= 100"},
                              {"count of a stream", best_ms([&] { return index.count(stream); }), "ms CPU", "<= 100"},
                              {"a row put in, of 20,000 in one transaction", inserting * 1e6 / kRows, "us CPU", ""}},
                  .conditions = {{"rows", std::to_string(kRows)}, {"best of", std::to_string(kRounds)}}},
                 argc, argv);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
