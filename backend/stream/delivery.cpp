#include "stream/delivery.h"

#include <algorithm>
#include <limits>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/this_thread.h"
#include "stream/refused_rows.h"
#include "stream/source_latency.h"

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

// "notes/<sink>/<key>"
class StateNotes final : public SinkNotes {
 public:
  StateNotes(StateStore& state, const std::string& sink) : state_(state), place_("notes/" + sink + "/") {}

  Result<std::optional<std::string>> read(std::string_view key) const override { return state_.get(place_ + std::string(key)); }
  Status write(std::string_view key, std::string_view text, bool synced) override {
    StateWrite write;
    write.put(place_ + std::string(key), text);
    return state_.write(write, synced);
  }

 private:
  StateStore& state_;
  const std::string place_;
};

}  // namespace

Delivery::Delivery(Parts parts)
    : parts_(std::move(parts)), notes_(std::make_unique<StateNotes>(*parts_.state, parts_.spec.name)), marker_(parts_.marker), allowed_(!parts_.asks_first) {
  report_.sink = parts_.spec.name;
  report_.from = parts_.spec.from;
  report_.kind = parts_.spec.kind;
  report_.table = parts_.spec.table;
  report_.circuit_since = to_micros(parts_.clock->now());
  report_.tries_left = kFailuresThatOpen;
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

std::optional<std::string> Delivery::down() const {
  std::lock_guard lock(mutex_);
  if (report_.circuit == CircuitState::closed) return std::nullopt;
  return report_.error;
}

std::optional<Delivery::Answer> Delivery::answer() const {
  std::lock_guard lock(mutex_);
  return answer_;
}

std::optional<Error> Delivery::refusal() const {
  std::lock_guard lock(mutex_);
  return refusal_;
}

void Delivery::allow(const Marker& marker) {
  std::lock_guard lock(mutex_);
  open_again_ = open_again_ || marker.to_string() != marker_.to_string() || marker.take_over != marker_.take_over;
  marker_ = marker;
  allowed_ = true;
  if (open_again_) {      // a refusal of the other marker says nothing of this one
    report_.circuit = CircuitState::closed;
    report_.error.clear();
    report_.next_try = 0;
    refusal_.reset();
  }
  allowed_changed_.notify_all();
}

void Delivery::forbid() {
  std::lock_guard lock(mutex_);
  allowed_ = false;
}

void Delivery::run(Cancellation cancellation) {
  name_this_thread("sink " + parts_.spec.name);
  std::unique_ptr<Sink> sink;
  bool is_first = true;
  while (!cancellation.stop_requested()) {
    Status status;
    if (!sink) status = open(sink, cancellation);
    if (std::exchange(is_first, false)) lower_thread_priority();       // the shard waits for what it answers, and nobody for what it delivers: that can be queried before
    if (status.ok()) {
      if (!wait_until_allowed(cancellation)) break;
      if (must_open_again()) {
        sink.reset();
        continue;
      }
      const SinkTraits traits = sink->traits();
      if (!parts_.outbox->wait_due(parts_.spec.name, traits.flush, traits.flush_bytes, *parts_.clock, cancellation)) break;
      status = deliver_once(*sink, cancellation);
    }
    if (!status.ok() && !cancellation.stop_requested()) {
      const auto asked_to_wait = sink ? sink->asked_to_wait() : std::chrono::milliseconds(0);
      sink.reset();    // what the peer took is asked again when it is opened
      failed(status.error(), asked_to_wait, cancellation);
    }
  }
}

Status Delivery::open(std::unique_ptr<Sink>& opened, Cancellation cancellation) {
  Marker marker;
  {
    std::lock_guard lock(mutex_);
    marker = marker_;
    open_again_ = false;
  }
  const std::string key = "opened/" + parts_.spec.name;
  PENSTOCK_ASSIGN(const auto opened_before, parts_.state->get(key));
  marker.in_doubt = opened_before && in_doubt_;
  PENSTOCK_ASSIGN(std::unique_ptr<Sink> sink, parts_.make_sink());
  sink->keep_notes(*notes_);
  const auto accepted = sink->open(marker, parts_.schema);
  {
    std::lock_guard lock(mutex_);
    answer_ = Answer{accepted.ok() || accepted.error().kind == ErrorKind::failed_precondition, sink->holding()};
  }
  parts_.changed();
  if (!accepted.ok()) return accepted.error();
  if (!opened_before) {
    StateWrite write;
    write.put(key, "1");
    PENSTOCK_TRY(parts_.state->write(write, true));
  }
  in_doubt_ = false;
  opened = std::move(sink);
  if (!wait_until_allowed(cancellation) || must_open_again()) return {};
  if (*accepted) PENSTOCK_TRY(parts_.outbox->trim(parts_.spec.name, **accepted));
  std::lock_guard lock(mutex_);
  report_.idempotent = opened->traits().idempotent;
  if (*accepted) report_.delivered_epoch = **accepted;
  return {};
}

bool Delivery::must_open_again() const {
  std::lock_guard lock(mutex_);
  return open_again_;
}

bool Delivery::wait_until_allowed(Cancellation cancellation) {
  std::unique_lock lock(mutex_);
  return allowed_changed_.wait(lock, cancellation, [this] { return allowed_; });
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
  const Status delivered = sink.deliver(epochs, record, cancellation);
  count(sink.rows_written());
  PENSTOCK_TRY(delivered);
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

void Delivery::failed(const Error& error, std::chrono::milliseconds at_least, Cancellation cancellation) {
  ++failures_;
  const bool final = error.kind == ErrorKind::failed_precondition || error.kind == ErrorKind::unsupported;
  const auto wait = std::max(final ? std::chrono::milliseconds(30'000) : back_off_.next(), at_least);
  std::string stream;      // allow() may set another marker while we log
  {
    std::lock_guard lock(mutex_);
    stream = marker_.stream;
    const std::int64_t now = to_micros(parts_.clock->now());
    report_.error = error.to_string();
    report_.failed_tries = failures_;
    if (failures_ == 1) report_.failing_since = now;
    refusal_ = final ? std::optional(error.within("sink " + parts_.spec.name + " takes nothing")) : std::nullopt;
    report_.next_try = now + std::chrono::duration_cast<std::chrono::microseconds>(wait).count();
    if (report_.circuit == CircuitState::half_open || (report_.circuit == CircuitState::closed && (final || failures_ >= kFailuresThatOpen))) {
      report_.circuit = CircuitState::open;
      report_.circuit_since = now;
    }
    report_.tries_left = report_.circuit == CircuitState::closed ? kFailuresThatOpen - failures_ : 0;
  }
  log_warn("sink {} of {}: {} (try {})", parts_.spec.name, stream, error.to_string(), failures_);
  parts_.changed();
  std::unique_lock lock(mutex_);
  allowed_changed_.wait_for(lock, cancellation, wait, [this] { return open_again_; });
  if (report_.circuit == CircuitState::open) report_.circuit = CircuitState::half_open;
}

void Delivery::count(const RowsWritten& rows) {
  std::lock_guard lock(mutex_);
  report_.changed_rows += rows.changed;
  report_.written_rows += rows.written;
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
    refusal_.reset();
    report_.next_try = 0;
    report_.failed_tries = 0;
    report_.tries_left = kFailuresThatOpen;
    report_.failing_since = 0;
    report_.delivered_epoch = epochs.back().epoch;
    report_.delivered_rows += rows_of(epochs);
    for (const SinkEpoch& epoch : epochs) {
      for (const Batch& batch : epoch.rows) record_source_latency(batch, now, report_.latency);
      for (const StagedFile& file : epoch.files)
        if (const auto ages = LatencyHistogram::from_bytes(file.ages); ages.ok()) report_.latency.merge(ages->later_by(now - file.written_at));
    }
  }
  parts_.changed();
}

}  // namespace penstock
