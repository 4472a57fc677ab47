// How a replay brings what it computed into the tables, and counts it there.

#include <algorithm>
#include <limits>

#include "stream/delivery.h"
#include "stream/replay_run.h"
#include "stream/staged_files.h"
#include "telemetry/merged_report.h"

namespace penstock {

Status ReplayRun::deliver(StreamProgram& program, Cancellation cancellation) {
  std::vector<std::unique_ptr<Delivery>> deliveries;
  std::vector<std::string> sinks;
  for (const SinkFeed& feed : program.sinks()) {
    if (!delivered_.contains(feed.spec.name)) continue;
    sinks.push_back(feed.spec.name);
    Delivery::Parts delivery;
    delivery.spec = feed.spec;
    delivery.schema = feed.schema;
    // Of this replay only: the marker of an earlier one is no rival.
    delivery.marker = {state_->id(), feed.spec.name + "~replay-" + parts_.replay.id, parts_.shard, parts_.spec->name};
    delivery.whole = true;
    delivery.make_sink = [this, spec = feed.spec] { return connectors_.make_sink(spec); };
    delivery.outbox = outbox_.get();
    delivery.state = state_.get();
    delivery.clock = parts_.clock;
    delivery.refused = [] {};
    delivery.changed = parts_.changed;
    deliveries.push_back(std::make_unique<Delivery>(std::move(delivery)));
  }
  outbox_->flush_now(true);
  while (!outbox_->wait_empty(sinks, std::numeric_limits<std::int64_t>::max(), kIdleWait, cancellation)) {
    if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the pod stops; the next one goes on delivering");
    for (const auto& delivery : deliveries)
      if (auto refused = delivery->refusal()) return *refused;
  }
  return {};
}

// Counts, in the tables, what stands where the rows were replaced.
Status ReplayRun::verify(StreamProgram& program) {
  std::int64_t expected = 0, found = 0;
  for (const SinkFeed& feed : program.sinks()) {
    if (feed.spec.kind != "delta" || !delivered_.contains(feed.spec.name) || ranges_.empty()) continue;
    const std::string condition = condition_of(program, feed);
    if (condition.empty()) continue;
    std::int64_t rows = 0;
    const auto counted = parts_.catalog->table_reader()(parts_.launch.tables_root, feed.spec.table, condition, *parts_.parquet, [&](const Batch& batch) -> Status {
      rows += batch.rows();
      return {};
    });
    if (!counted.ok() && counted.error().kind != ErrorKind::not_found) return counted;
    expected += delivered_[feed.spec.name];
    found += rows;
  }
  const std::int64_t lost = std::max<std::int64_t>(0, expected - found), doubled = std::max<std::int64_t>(0, found - expected);
  std::lock_guard lock(mutex_);
  report_.rows_found = found;
  report_.rows_lost = lost;
  report_.rows_doubled = doubled;
  report_.outcome = outcome_of(report_);
  return {};
}

// The rows of a table that this replay answers for.
std::string ReplayRun::condition_of(const StreamProgram& program, const SinkFeed& feed) const {
  if (const auto windows = windows_of(program, feed))
    return "epoch_us(window_start) >= " + std::to_string(windows->from) + " AND epoch_us(window_start) < " + std::to_string(windows->until) +
           (feed.schema->find(origin::shard) ? " AND _shard = " + std::to_string(parts_.shard) : "");
  std::string condition;
  for (const auto& [source, ranges] : ranges_)
    for (const auto& [partition, range] : ranges)
      if (range.emits())
        condition += (condition.empty() ? "" : " OR ") + ("(_partition = " + std::to_string(partition)) + " AND _offset >= " + std::to_string(range.from) +
                     " AND _offset < " + std::to_string(range.until) + ")";
  return condition;
}

std::string ReplayRun::folder_of(const SinkFeed& feed) const { return table_folder(parts_.launch.tables_root, feed.spec.table); }

}  // namespace penstock
