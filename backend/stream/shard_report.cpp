// What a shard says of itself, and the rows that it shows.

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "stream/shard.h"

namespace penstock {
namespace {

constexpr std::int64_t kCatchingUpMicros = 10'000'000;     // so far behind, a stream is catching up
constexpr std::int64_t kSizeMicros = 1'000'000;            // the state's size is asked for at most so often: it costs more than all else
constexpr std::int64_t kWholeMicros = 10'000'000;          // of a stream at rest; files of its state may have been merged

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
  for (const SourceState& source : sources_) {
    if (source.gone.empty() || !reads) continue;
    status = PipelineStatus::degraded;
    return source.gone + (source.gone.find(',') == std::string::npos ? " is gone: it was" : " are gone: they were") + " there when the stream began to read";
  }
  for (const auto& delivery : deliveries_) {
    const auto down = delivery->down();
    if (!down) continue;
    status = PipelineStatus::degraded;
    return (reads ? "sink " : "it drains, but sink ") + delivery->spec().name + " is down: " + *down;
  }
  if (const std::string holder = outbox_->holder(parts_.spec->outbox_bytes); reads && !holder.empty()) {
    status = PipelineStatus::degraded;
    return "the outbox is full; sink " + holder + " holds it, and the source waits";
  }
  for (const auto& ingest : ingests_) {
    const std::string concern = ingest->concern();
    if (concern.empty()) continue;
    status = PipelineStatus::degraded;
    return concern;
  }
  if (const std::string concern = program_->concern(); reads && !concern.empty()) {
    status = PipelineStatus::degraded;
    return concern;
  }
  return "";
}

std::int64_t Shard::watermark_of_steps(std::int64_t now) const {
  std::int64_t lowest = 0;
  for (auto& step : program_->steps()) {
    const std::int64_t watermark = step->watermark(now);
    if (watermark != Watermark::kNone && watermark != std::numeric_limits<std::int64_t>::max() && (lowest == 0 || watermark < lowest)) lowest = watermark;
  }
  return lowest;
}

// Without an epoch, only what sources, sinks and the clock do can change the report.
void Shard::publish_if_others_changed() {
  const std::int64_t now = looked_at_ = to_micros(parts_.clock->now());
  bool changed = now - published_at_ >= kWholeMicros || report_.watermark != watermark_of_steps(now) || report_.outbox_bytes != outbox_->bytes();
  if (!changed) {
    PipelineStatus status = paused_ ? PipelineStatus::paused : phase_;
    std::lock_guard lock(mutex_);
    changed = reason_now(status) != report_.reason || status != report_.status;
    for (const SourceState& source : sources_)
      for (const auto& [partition, head] : source.heads) {
        const auto told = report_.heads.find(partition);
        changed = changed || told == report_.heads.end() || told->second != head;
      }
  }
  if (changed) publish();
}

std::vector<SourceReport> Shard::source_reports() const {
  std::vector<SourceReport> reports;
  for (const SourceState& source : sources_) {
    SourceReport& report = reports.emplace_back(SourceReport{source.name, {}, -1});
    for (const auto& [partition, head] : source.heads) {
      const auto committed = source.committed.find(partition);
      const auto passed = source.passed.find(partition);
      std::int64_t position = committed == source.committed.end() ? 0 : committed->second;
      if (passed != source.passed.end()) position = std::max(position, passed->second);
      if (committed != source.committed.end()) report.partitions.push_back({partition, position, head});
    }
  }
  for (const auto& ingest : ingests_) reports[ingest->source()].kept_log_bytes = ingest->kept_log_bytes();
  return reports;
}

void Shard::publish() {
  const std::int64_t now = to_micros(parts_.clock->now());
  if (now - sized_at_ >= kSizeMicros) {
    state_bytes_ = state_->bytes_on_disk();
    sized_at_ = now;
  }
  StreamReport report;
  report.stream = parts_.spec->name;
  report.shard = parts_.number;
  report.version = parts_.launch.version;
  report.epoch = epoch_;
  report.epoch_at = epoch_at_;
  report.rows_in = counters_.rows_in;
  report.dead = counters_.dead;
  report.redriven = counters_.redriven;
  report.state_bytes = state_bytes_;
  report.outbox_bytes = outbox_->bytes();
  report.held_by_sink = outbox_->holder(parts_.spec->outbox_bytes);
  report.relaxed_durability = parts_.spec->relaxed_durability;
  report.state = health_;
  report.resumed_at = resumed_at_;
  report.rows_in_then = rows_in_then_;
  report.queryable = queryable_;
  for (auto& [field, drift] : drift_) report.drift.push_back(drift);
  report.watermark = watermark_of_steps(now);
  for (auto& step : program_->steps()) report.steps.push_back(step->report());
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
    report.sources = source_reports();
    report.status = status;
    is_news = is_news || report.status != report_.status || report.reason != report_.reason || report.heads != report_.heads;
    report_ = std::move(report);
    published_phase_ = phase_;
    something_changed_.notify_all();
  }
  published_at_ = looked_at_ = now;
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
        if (committed == source.committed.end()) continue;
        const auto passed = source.passed.find(partition);
        report.behind_rows += std::max<std::int64_t>(0, head - (passed == source.passed.end() ? committed->second : std::max(committed->second, passed->second)));
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
    // Also where nothing waits: who asks several pods knows by it that the shard has answered.
    if (parts_.spec->shards > 1) tail.push_back({marker.to_string(), 0, {}, {}, -1});
    auto epochs = outbox_->take(feed.spec.name, std::numeric_limits<std::int64_t>::max());
    if (!epochs.ok()) continue;
    for (const SinkEpoch& epoch : *epochs) {
      TailPart replaced{marker.to_string(), epoch.epoch, {}, {}, shard_told_by(feed)};
      for (const Replacement& one : epoch.replaces) replaced.replaced_windows.push_back(one.from);
      if (!replaced.replaced_windows.empty()) tail.push_back(std::move(replaced));
      for (const Batch& rows : epoch.rows) tail.push_back({marker.to_string(), epoch.epoch, rows, {}, -1});
      for (const StagedFile& file : epoch.files) {
        const std::string path = folder_of(feed) + "/" + file.path;
        const auto read = parts_.parquet->read({path}, "", feed.schema, [&](const Batch& rows) -> Status {
          tail.push_back({marker.to_string(), epoch.epoch, rows, {}, -1});
          return {};
        });
        if (!read.ok()) log_warn("the unflushed rows of {} cannot be read: {}", table, read.error().to_string());
      }
    }
  }
  return tail;
}

}  // namespace penstock
