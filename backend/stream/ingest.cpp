#include "stream/ingest.h"

#include <algorithm>

#include "base/log.h"
#include "base/this_thread.h"
#include "stream/back_off.h"

namespace penstock {

Ingest::Ingest(Parts parts) : parts_(std::move(parts)) {
  thread_ = std::jthread([this](std::stop_token token) { run(token); });
}

Ingest::~Ingest() { stop(); }

void Ingest::stop() { thread_.request_stop(); }

Ingest::Health Ingest::health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

std::vector<std::int32_t> Ingest::behind() const {
  std::lock_guard lock(mutex_);
  return behind_;
}

Ingest::Level Ingest::level() const {
  std::lock_guard lock(mutex_);
  return level_;
}

Positions Ingest::reached() const {
  std::lock_guard lock(mutex_);
  return reached_;
}

std::string Ingest::concern() const {
  std::lock_guard lock(mutex_);
  return concern_;
}

std::int64_t Ingest::kept_log_bytes() const {
  std::lock_guard lock(mutex_);
  return kept_log_bytes_;
}

void Ingest::committed(const Positions& positions) {
  std::lock_guard lock(mutex_);
  committed_ = positions;
}

void Ingest::set_health(Health health) {
  {
    std::lock_guard lock(mutex_);
    health_ = std::move(health);
  }
  parts_.changed();
}

void Ingest::run(Cancellation cancellation) {
  name_this_thread("read " + parts_.stream);
  BackOff back_off;
  while (!cancellation.stop_requested()) {
    auto decoder = parts_.make_decoder();
    auto source = parts_.make_source();
    Status status;
    if (!decoder.ok()) status = decoder.error();
    else if (!source.ok()) status = source.error();
    else {
      status = start(**source);
      if (status.ok()) status = read(**source, **decoder, cancellation);
    }
    if (status.ok() || cancellation.stop_requested()) return;
    const Error& error = status.error();
    log_warn("stream {}, source {}: {}", parts_.stream, parts_.name, error.to_string());
    // What was there when it began may come back.
    const bool is_gone = begun_ && error.kind == ErrorKind::not_found;
    const bool again = is_gone || error.kind == ErrorKind::unavailable || error.kind == ErrorKind::deadline_exceeded;
    set_health({.reading = again, .error = error, .failed = true, .loss = health().loss});
    if (!again) return;
    back_off.wait(cancellation);
  }
}

Status Ingest::start(Source& source) {
  PENSTOCK_ASSIGN(std::vector<Assignment> assignments, parts_.assign(source));
  Arrival first;
  first.source = parts_.index;
  first.source_name = source.name();
  for (Assignment& assignment : assignments) {
    first.partitions.push_back(assignment.partition);
    if (const auto found = next_.find(assignment.partition); found != next_.end()) assignment.from = found->second;
    else if (begun_) assignment.from.reset();
    // Durable no later than the first row: killed before that, the stream begins again at the same place.
    if (assignment.from) first.next[assignment.partition] = *assignment.from;
  }
  PENSTOCK_TRY(source.assign(assignments));
  for (const auto& [partition, from] : first.next) next_[partition] = from;
  begun_ = true;
  parts_.queue->push(std::move(first), 0);
  return {};
}

// Where nothing came for a while, it need not look so often: a record ends the wait, as does being asked to stop.
PollLimits Ingest::limits_now() const {
  PollLimits limits = parts_.limits;
  if (silent()) limits.wait = std::max(limits.wait, kSilentWait);
  return limits;
}

// While the shard is busy with what it has, records gather here: an arrival costs it as much as many of them.
Result<PollOutcome> Ingest::poll(Source& source, RawBatch& raw, Cancellation cancellation) {
  PollLimits more = parts_.limits;
  more.wait = std::chrono::milliseconds(1);
  Result<PollOutcome> polled = source.poll(raw, limits_now(), cancellation);
  new_keys_ = source.gave_new_keys();
  while (polled.ok() && *polled == PollOutcome::rows && parts_.queue->items() > 0 && raw.rows() < more.rows && raw.bytes() < more.bytes) {
    const std::int64_t before = raw.rows();
    polled = source.poll(raw, more, cancellation);
    if (raw.rows() > before) new_keys_ = new_keys_ && source.gave_new_keys();
    if (polled.ok() && *polled != PollOutcome::ended && raw.rows() == before) return PollOutcome::rows;
  }
  return polled;
}

// Decodes records and gives them to the shard. Where the schema of one cannot be fetched now, it waits here, with all that
// came after it: nothing that could be decoded later is refused. False when the stream ends.
Result<bool> Ingest::take(Source& source, Decoder& decoder, RawBatch raw, Cancellation cancellation) {
  BackOff back_off;
  while (true) {
    const Readiness ready = decoder.prepare(raw);
    if (!ready.lacks) break;
    if (ready.rows > 0) {
      RawBatch first, rest;
      for (std::int64_t row = 0; row < raw.rows(); ++row) (row < ready.rows ? first : rest).append(raw[row]);
      if (!give(source, decoder, first)) return false;
      raw = std::move(rest);
    }
    if (ready.lacks->kind != ErrorKind::unavailable && ready.lacks->kind != ErrorKind::deadline_exceeded) return *ready.lacks;
    if (const Health now = health(); !now.failed || now.error.message != ready.lacks->message) {
      log_warn("stream {}, source {}: {}", parts_.stream, parts_.name, ready.lacks->to_string());
      set_health({.error = *ready.lacks, .failed = true, .loss = now.loss});
    }
    back_off.wait(cancellation);
    if (cancellation.stop_requested()) return false;
  }
  if (const Health now = health(); now.failed) set_health({.loss = now.loss});
  return give(source, decoder, raw);
}

bool Ingest::give(Source& source, Decoder& decoder, RawBatch& raw) {
  Arrival arrival = decode_arrival(raw, decoder, source.name(), to_micros(parts_.clock->now()), parts_.drift_is_dead);
  arrival.source = parts_.index;
  arrival.new_keys = new_keys_;
  for (const auto& [partition, offset] : arrival.next) next_[partition] = offset;
  for (auto& [partition, anchor] : source.anchors())
    if (arrival.next.contains(partition)) arrival.anchors[partition] = std::move(anchor);
  const auto bytes = static_cast<std::size_t>(arrival.bytes);
  return parts_.queue->push(std::move(arrival), bytes);
}

Status Ingest::read(Source& source, Decoder& decoder, Cancellation cancellation) {
  Positions told;
  auto heads_at = std::chrono::steady_clock::time_point();
  while (!cancellation.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      if (committed_ != told) {
        told = committed_;
        lock.unlock();
        source.committed(told);
      }
    }
    const std::int64_t asked = asked_;
    if (!source.observable() && (asked != answered_ || parts_.clock->steady() - heads_at >= std::chrono::seconds(1))) {
      heads_at = parts_.clock->steady();
      PENSTOCK_ASSIGN(const auto ranges, source.partitions());
      parts_.heads(ranges);
      answered_ = asked;
    }
    RawBatch raw;
    auto polled = poll(source, raw, cancellation);
    // Asked behind the poll: what it gave of partitions that were gone meanwhile may be of others under their names. It is read again,
    // checked.
    if (polled.ok() && parts_.has_grown && parts_.has_grown()) {
      PENSTOCK_TRY(start(source));
      continue;
    }
    if (!polled.ok()) {
      // Something is gone. A source that can go on behind it does; one that answers the same again stops.
      if (polled.error().kind != ErrorKind::data_loss || health().loss == polled.error().message) return polled.error();
      log_error("stream {}, source {}: {}", parts_.stream, parts_.name, polled.error().to_string());
      set_health({.loss = polled.error().message});
    }
    const PollOutcome outcome = polled.ok() ? *polled : PollOutcome::rows;
    silent_polls_ = outcome == PollOutcome::idle ? silent_polls_ + 1 : 0;
    if (const Health now = health(); now.failed) set_health({.loss = now.loss});
    if (raw.rows() > 0) {
      PENSTOCK_ASSIGN(const bool goes_on, take(source, decoder, std::move(raw), cancellation));
      if (!goes_on) return {};
    }
    {
      std::vector<std::int32_t> behind = source.behind();
      Positions reached = source.reached();
      std::string concern = source.concern();
      const std::int64_t kept_log_bytes = source.kept_log_bytes();
      std::lock_guard lock(mutex_);
      behind_ = std::move(behind);
      reached_ = std::move(reached);
      if (behind_.empty()) level_ = {answered_, reached_};
      concern_ = std::move(concern);
      kept_log_bytes_ = kept_log_bytes;
    }
    if (outcome == PollOutcome::ended) {
      Arrival last;
      last.source = parts_.index;
      last.source_name = source.name();
      last.ended = true;
      parts_.queue->push(std::move(last), 0);
      set_health({.reading = false, .ended = true, .loss = health().loss});
      return {};
    }
  }
  return {};
}

}  // namespace penstock
