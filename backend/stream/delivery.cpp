#include "stream/delivery.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>

#include "base/crash_point.h"
#include "stream/refused_rows.h"

namespace penstock {
namespace {

constexpr int kFailuresThatOpen = 3;

std::int64_t rows_of(const std::vector<SinkEpoch>& epochs) {
  std::int64_t rows = 0;
  for (const SinkEpoch& epoch : epochs) {
    for (const Batch& batch : epoch.rows) rows += batch.rows();
    for (const StagedFile& file : epoch.files) rows += file.rows;
  }
  return rows;
}

}  // namespace

Delivery::Delivery(Parts parts) : parts_(std::move(parts)) {
  report_.sink = parts_.spec.name;
  report_.from = parts_.spec.from;
  report_.kind = parts_.spec.kind;
  report_.table = parts_.spec.table;
  report_.circuit_since = to_micros(parts_.clock->now());
  // What waits already was left by an earlier life: it may have been sent.
  in_doubt_ = parts_.outbox->waiting(parts_.spec.name).last_epoch > 0;
  thread_ = std::jthread([this](std::stop_token token) { run(token); });
}

Delivery::~Delivery() { stop(); }

void Delivery::stop() { thread_.request_stop(); }

SinkReport Delivery::report() const {
  const Outbox::Waiting waiting = parts_.outbox->waiting(parts_.spec.name);
  std::lock_guard lock(mutex_);
  SinkReport report = report_;
  report.waiting_rows = waiting.rows;
  report.waiting_bytes = waiting.bytes;
  return report;
}

void Delivery::run(Cancellation cancellation) {
  std::unique_ptr<Sink> sink;
  while (!cancellation.stop_requested()) {
    Status status;
    if (!sink) {
      auto made = parts_.make_sink();
      if (made.ok()) {
        const auto accepted = open(**made);
        if (accepted.ok()) {
          sink = std::move(*made);
          if (*accepted) status = parts_.outbox->trim(parts_.spec.name, **accepted);
          std::lock_guard lock(mutex_);
          report_.idempotent = sink->traits().idempotent;
          if (*accepted) report_.delivered_epoch = **accepted;
        } else {
          status = accepted.error();
        }
      } else {
        status = made.error();
      }
    }
    if (status.ok()) {
      const SinkTraits traits = sink->traits();
      if (!parts_.outbox->wait_due(parts_.spec.name, traits.flush, traits.flush_bytes, *parts_.clock, cancellation)) break;
      status = deliver_once(*sink, cancellation);
    }
    if (!status.ok() && !cancellation.stop_requested()) {
      sink.reset();    // what the peer took is asked again when it is opened
      failed(status.error(), cancellation);
    }
  }
}

Result<std::optional<std::int64_t>> Delivery::open(Sink& sink) {
  const std::string key = "opened/" + parts_.spec.name;
  PENSTOCK_ASSIGN(const auto opened_before, parts_.state->get(key));
  Marker marker = parts_.marker;
  marker.in_doubt = opened_before && in_doubt_;
  PENSTOCK_ASSIGN(const auto accepted, sink.open(marker, parts_.schema));
  PENSTOCK_TRY(continues(accepted));
  if (!opened_before) {
    StateWrite write;
    write.put(key, "1");
    PENSTOCK_TRY(parts_.state->write(write, true));
  }
  continued_ = true;
  in_doubt_ = false;
  return accepted;
}

// A peer cannot be ahead of the state that feeds it, unless an older copy of that state was put back: then the same epoch
// numbers would stand for other rows, and what the peer seems to have taken already would be lost.
Status Delivery::continues(std::optional<std::int64_t> accepted) const {
  if (continued_ || !accepted || !parts_.last_epoch || *accepted <= *parts_.last_epoch) return {};
  return Error(ErrorKind::failed_precondition,
               "it holds rows up to epoch " + std::to_string(*accepted) + ", but the state of stream '" + parts_.marker.stream + "' ends with epoch " +
                   std::to_string(*parts_.last_epoch) + ": an older state was put back",
               "put the newest state back, or begin with a new one and set `take_over: true`, or write to another table");
}

Status Delivery::deliver_once(Sink& sink, Cancellation cancellation) {
  PENSTOCK_ASSIGN(std::vector<SinkEpoch> epochs, parts_.outbox->take(parts_.spec.name, parts_.whole ? std::numeric_limits<std::int64_t>::max() : std::max<std::int64_t>(sink.traits().flush_bytes, 1)));
  if (epochs.empty()) return {};
  if (may_have_refused_) PENSTOCK_TRY(leave_out_refused(*parts_.state, parts_.spec.name, epochs));
  const auto record = [&](const std::vector<RefusedRow>& rejects) -> Status {
    may_have_refused_ = may_have_refused_ || !rejects.empty();
    return record_refused(*parts_.state, parts_.spec.name, epochs, rejects);
  };
  crash_point("delivery.before");
  in_doubt_ = true;
  PENSTOCK_TRY(sink.deliver(epochs, record, cancellation));
  in_doubt_ = false;
  crash_point("delivery.after");
  PENSTOCK_TRY(parts_.outbox->trim(parts_.spec.name, epochs.back().epoch));
  crash_point("delivery.trimmed");
  if (std::exchange(may_have_refused_, false)) {
    PENSTOCK_TRY(forget_refused(*parts_.state, parts_.spec.name, epochs.back().epoch));
    parts_.refused();
  }
  succeeded(epochs);
  return {};
}

void Delivery::failed(const Error& error, Cancellation cancellation) {
  ++failures_;
  const bool final = error.kind == ErrorKind::failed_precondition || error.kind == ErrorKind::unsupported;
  const auto wait = final ? std::chrono::milliseconds(30'000) : back_off_.next();
  {
    std::lock_guard lock(mutex_);
    const std::int64_t now = to_micros(parts_.clock->now());
    report_.error = error.to_string();
    report_.next_try = now + std::chrono::duration_cast<std::chrono::microseconds>(wait).count();
    if (report_.circuit == CircuitState::half_open || (report_.circuit == CircuitState::closed && (final || failures_ >= kFailuresThatOpen))) {
      report_.circuit = CircuitState::open;
      report_.circuit_since = now;
    }
  }
  spdlog::warn("sink {} of {}: {} (try {})", parts_.spec.name, parts_.marker.stream, error.to_string(), failures_);
  parts_.changed();
  wait_for(wait, cancellation);
  std::lock_guard lock(mutex_);
  if (report_.circuit == CircuitState::open) report_.circuit = CircuitState::half_open;
}

void Delivery::succeeded(const std::vector<SinkEpoch>& epochs) {
  failures_ = 0;
  back_off_.reset();
  const std::int64_t now = to_micros(parts_.clock->now());
  {
    std::lock_guard lock(mutex_);
    if (report_.circuit != CircuitState::closed) report_.circuit_since = now;
    report_.circuit = CircuitState::closed;
    report_.error.clear();
    report_.next_try = 0;
    report_.delivered_epoch = epochs.back().epoch;
    report_.delivered_rows += rows_of(epochs);
    for (const SinkEpoch& epoch : epochs) {
      for (const Batch& batch : epoch.rows) {
        const auto times = batch.find(origin::source_time);
        if (!times) continue;
        for (std::int64_t row = 0; row < batch.rows(); ++row)
          if (!times->is_null(row)) report_.latency.record(now - times->int64(row));
      }
    }
  }
  parts_.changed();
}

}  // namespace penstock
