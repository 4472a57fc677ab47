// What a shard says of itself, and the rows that it shows.

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "stream/shard.h"

namespace penstock {
namespace {

constexpr std::int64_t kCatchingUpMicros = 10'000'000;     // so far behind, a stream is catching up

}  // namespace

std::string Shard::reason_now(PipelineStatus& status) const {
  if (failure_) return failure_->to_string();
  if (status == PipelineStatus::starting) return doing_;
  const bool reads = status == PipelineStatus::running;
  if (!reads && status != PipelineStatus::draining) return "";
  for (const auto& ingest : ingests_) {
    const Ingest::Health health = ingest->health();
    if (!health.failed && health.loss.empty()) continue;
    status = PipelineStatus::degraded;
    return health.failed ? health.error.to_string() : health.loss;
  }
  for (const SourceState& source : sources_) {
    if (source.lost_rows == 0 || !reads) continue;
    status = PipelineStatus::degraded;
    return std::to_string(source.lost_rows) + " rows are lost: the source no longer holds " + source.lost_detail;
  }
  for (const auto& delivery : deliveries_) {
    const SinkReport report = delivery->report();
    if (report.circuit == CircuitState::closed) continue;
    status = PipelineStatus::degraded;
    return (reads ? "sink " : "it drains, but sink ") + report.sink + " is down: " + report.error;
  }
  if (const std::string holder = outbox_->holder(parts_.spec->outbox_bytes); reads && !holder.empty()) {
    status = PipelineStatus::degraded;
    return "the outbox is full; sink " + holder + " holds it, and the source waits";
  }
  return "";
}

void Shard::publish() {
  const std::int64_t now = to_micros(parts_.clock->now());
  StreamReport report;
  report.stream = parts_.spec->name;
  report.version = parts_.launch.version;
  report.epoch = epoch_;
  report.epoch_at = epoch_at_;
  report.rows_in = counters_.rows_in;
  report.dead = counters_.dead;
  report.redriven = counters_.redriven;
  report.state_bytes = state_->bytes_on_disk();
  report.outbox_bytes = outbox_->bytes();
  report.held_by_sink = outbox_->holder(parts_.spec->outbox_bytes);
  report.relaxed_durability = parts_.spec->relaxed_durability;
  report.state = health_;
  report.resumed_at = resumed_at_;
  report.rows_in_then = rows_in_then_;
  report.queryable = queryable_;
  for (auto& [field, drift] : drift_) report.drift.push_back(drift);
  for (auto& step : program_->steps()) {
    report.steps.push_back(step->report());
    const std::int64_t watermark = step->watermark(now);
    if (watermark != Watermark::kNone && watermark != std::numeric_limits<std::int64_t>::max() && (report.watermark == 0 || watermark < report.watermark))
      report.watermark = watermark;
  }
  PipelineStatus status = paused_ ? PipelineStatus::paused : phase_;
  // Whoever watches the pod asks once a second by himself: he is woken only where there is something new.
  bool is_news = dirty_;
  {
    std::lock_guard lock(mutex_);
    report.reason = reason_now(status);
    for (const SourceState& source : sources_) {
      report.lost_rows += source.lost_rows;
      if (!source.lost_detail.empty()) report.lost_detail += source.lost_detail;
      report.positions.insert(source.committed.begin(), source.committed.end());
      report.heads.insert(source.heads.begin(), source.heads.end());
    }
    report.status = status;
    is_news = is_news || report.status != report_.status || report.reason != report_.reason || report.heads != report_.heads;
    report_ = std::move(report);
    published_phase_ = phase_;
    something_changed_.notify_all();
  }
  published_at_ = now;
  dirty_ = false;
  if (is_news) parts_.changed();
}

bool Shard::failed() const {
  std::lock_guard lock(mutex_);
  return report_.status == PipelineStatus::failing;
}

StreamReport Shard::report() const {
  StreamReport report;
  {
    std::lock_guard lock(mutex_);
    report = report_;
    const std::int64_t now = to_micros(parts_.clock->now());
    for (const SourceState& source : sources_) {
      for (const auto& [partition, head] : source.heads) {
        const auto committed = source.committed.find(partition);
        if (committed != source.committed.end()) report.behind_rows += std::max<std::int64_t>(0, head - committed->second);
      }
    }
    // While its state is computed again no epoch closes, and it is not stuck.
    const bool prepares = report.status == PipelineStatus::starting && !report.reason.empty();
    if (report.behind_rows > 0 && !prepares) {
      report.input_waiting_since = took_input_at_;
      report.behind_micros = newest_source_time_ > 0 ? std::max<std::int64_t>(0, now - newest_source_time_) : 0;
    }
    if (report.status == PipelineStatus::running && report.behind_micros > kCatchingUpMicros && now - took_input_at_ < kCatchingUpMicros)
      report.status = PipelineStatus::catching_up;
  }
  for (const auto& delivery : deliveries_) {
    report.sinks.push_back(delivery->report());
    if (delivery->spec().kind == "delta") report.visible.merge(report.sinks.back().latency);
  }
  return report;
}

std::vector<TailPart> Shard::table_tail(const std::string& table) const {
  std::vector<TailPart> tail;
  for (const SinkFeed& feed : program_->sinks()) {
    if (feed.spec.kind != "delta" || feed.spec.table != table) continue;
    const Marker marker = marker_of(feed.spec.name);
    auto epochs = outbox_->take(feed.spec.name, std::numeric_limits<std::int64_t>::max());
    if (!epochs.ok()) continue;
    for (const SinkEpoch& epoch : *epochs) {
      TailPart replaced{marker.to_string(), epoch.epoch, {}, {}};
      for (const Replacement& one : epoch.replaces) replaced.replaced_windows.push_back(one.from);
      if (!replaced.replaced_windows.empty()) tail.push_back(std::move(replaced));
      for (const Batch& rows : epoch.rows) tail.push_back({marker.to_string(), epoch.epoch, rows, {}});
      for (const StagedFile& file : epoch.files) {
        const std::string path = folder_of(feed) + "/" + file.path;
        const auto read = parts_.parquet->read({path}, "", feed.schema, [&](const Batch& rows) -> Status {
          tail.push_back({marker.to_string(), epoch.epoch, rows, {}});
          return {};
        });
        if (!read.ok()) log_warn("the unflushed rows of {} cannot be read: {}", table, read.error().to_string());
      }
    }
  }
  return tail;
}

}  // namespace penstock
