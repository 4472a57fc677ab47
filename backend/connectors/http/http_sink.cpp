#include "connectors/http/http_sink.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "base/crash_point.h"
#include "io/scalar_text.h"
#include "record/schema.h"

namespace penstock {
namespace {

using http::EpochRows;
using http::RowPlace;

// So much of what waits is taken at a time. Constant: a batch that was cut from it is found in it again.
constexpr std::int64_t kDeliveryBytes = 16 << 20;
constexpr std::size_t kMostOfReason = 500;
constexpr std::chrono::hours kLongestWait{24};
constexpr const char* kProgress = "progress";
constexpr std::array<const char*, 3> kBodies{"array", "lines", "object"};

// What says nothing of the rows, so that none of them is to blame.
bool is_about_the_request(int status) { return status < 400 || status == 401 || status == 403 || status == 404 || status == 405 || status == 410 || status == 415; }
bool is_about_the_moment(int status) { return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500; }

// For one part of a key: everything but letters, digits and "-._~" as %XX.
std::string header_text(const std::string& text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~' || c == '/';
    if (plain) out += c;
    else (out += '%', out += kHex[static_cast<unsigned char>(c) >> 4], out += kHex[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

// In one line, in UTF-8, and of a bearable length.
std::string said_by(const http::Answer& answer, const std::vector<std::string>& secrets) {
  std::string text = utf8_text(http::without_secrets(answer.body, secrets));
  if (text.size() > kMostOfReason) {
    std::size_t end = kMostOfReason;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
    text += "…";
  }
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  while (text.ends_with(' ')) text.pop_back();
  return std::to_string(answer.status) + (text.empty() ? "" : ": " + text);
}

std::string text_of(const RowPlace& place) { return std::to_string(place.epoch) + "." + std::to_string(place.row); }

}  // namespace

HttpSink::HttpSink(HttpSinkOptions options) : options_(std::move(options)), client_(options_.peer) {}

SinkTraits HttpSink::traits() const { return {.idempotent = options_.idempotent, .flush = options_.flush, .flush_bytes = kDeliveryBytes}; }

Result<std::optional<std::int64_t>> HttpSink::open(const Marker& marker, const SchemaPtr& schema) {
  marker_.clear();
  if (!notes_) return Error(ErrorKind::internal, "the sink has no notes");
  if (schema->find(change::op) && !options_.changes)
    return Error(ErrorKind::failed_precondition, name() + " would get changes as if they were rows", "mode: upsert; each row then says in _op what happened");
  marker_ = header_text(marker.to_string());
  return std::optional<std::int64_t>();      // it keeps no marker: what is taken is known by the note alone
}

Result<std::optional<HttpSink::Progress>> HttpSink::read_progress() const {
  PENSTOCK_ASSIGN(const auto note, notes_->read(kProgress));
  if (!note) return std::optional<Progress>();
  Progress progress;
  std::string body;
  std::istringstream in(*note);
  in >> progress.begin.epoch >> progress.begin.row >> progress.end.epoch >> progress.end.row >> body;
  const auto found = std::find(kBodies.begin(), kBodies.end(), body);
  if (!in || found == kBodies.end()) return Error(ErrorKind::data_loss, "what " + name() + " has noted of its batches is damaged");
  progress.body = static_cast<HttpBody>(found - kBodies.begin());
  return std::optional(progress);
}

Status HttpSink::write_progress(const Progress& progress, bool synced) {
  std::ostringstream out;
  out << progress.begin.epoch << ' ' << progress.begin.row << ' ' << progress.end.epoch << ' ' << progress.end.row << ' ' << kBodies[static_cast<std::size_t>(progress.body)];
  return notes_->write(kProgress, out.str(), synced);
}

Status HttpSink::deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) {
  if (marker_.empty()) return Error(ErrorKind::unavailable, "the sink is not open");
  asked_to_wait_ = std::chrono::milliseconds(0);
  const EpochRows rows(epochs, options_.changes);
  PENSTOCK_ASSIGN(const auto noted, read_progress());
  std::int64_t begin = noted ? rows.before(noted->begin) : 0;
  if (const std::int64_t end = noted ? rows.before(noted->end) : 0; end > begin) {
    PENSTOCK_TRY(send_range(rows, {begin, end}, noted->body, record_rejects, cancellation));
    begin = end;
  }
  while (begin < rows.size()) {
    const std::int64_t end = end_of_batch(rows, begin, options_.body);
    PENSTOCK_TRY(write_progress({rows.place_of(begin), rows.end_of(end - 1), options_.body}, true));
    crash_point("http.after_note");
    PENSTOCK_TRY(send_range(rows, {begin, end}, options_.body, record_rejects, cancellation));
    crash_point("http.after_batch");
    begin = end;
  }
  if (rows.size() == 0) return {};
  const RowPlace last = rows.end_of(rows.size() - 1);
  PENSTOCK_TRY(write_progress({last, last, options_.body}, false));
  crash_point("http.after_done");
  return {};
}

std::int64_t HttpSink::end_of_batch(const EpochRows& rows, std::int64_t begin, HttpBody body) {
  const std::int64_t most = body == HttpBody::object ? 1 : options_.batch;
  text_.clear();
  std::int64_t end = begin;
  while (end < rows.size() && end - begin < most) {
    if (!rows.is_left_out(end)) rows.append_json(end, text_);
    if (end > begin && static_cast<std::int64_t>(text_.size()) > options_.batch_bytes) break;
    ++end;
  }
  return end;
}

// A range that a recorded row lies in was refused as a whole, and is halved again without being sent: the halves are those of
// then, and so are their keys.
Status HttpSink::send_range(const EpochRows& rows, const Range& range, HttpBody body, const RejectRecorder& record_rejects, const Cancellation& cancellation) {
  bool is_whole = true;
  for (std::int64_t row = range.begin; row < range.end && is_whole; ++row) is_whole = !rows.is_left_out(row);
  if (is_whole) {
    std::string reason;
    PENSTOCK_ASSIGN(const Verdict verdict, send(rows, range, body, reason, cancellation));
    if (verdict == Verdict::taken) return {};
    if (range.size() == 1) return record_rejects({rows.refused(range.begin, reason)});
  }
  if (range.size() == 1) return {};
  const std::int64_t middle = range.begin + range.size() / 2;
  PENSTOCK_TRY(send_range(rows, {range.begin, middle}, body, record_rejects, cancellation));
  return send_range(rows, {middle, range.end}, body, record_rejects, cancellation);
}

std::string HttpSink::key_of(const EpochRows& rows, const Range& range) const {
  return marker_ + "/" + text_of(rows.place_of(range.begin)) + "-" + text_of(rows.place_of(range.end - 1));
}

Result<HttpSink::Verdict> HttpSink::send(const EpochRows& rows, const Range& range, HttpBody body, std::string& reason, const Cancellation& cancellation) {
  if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the delivery was cancelled");
  text_ = body == HttpBody::array ? "[" : "";
  for (std::int64_t row = range.begin; row < range.end; ++row) {
    if (body == HttpBody::array && row > range.begin) text_ += ',';
    rows.append_json(row, text_);
    if (body == HttpBody::lines) text_ += '\n';
  }
  if (body == HttpBody::array) text_ += ']';
  const http::Request request{.method = options_.method,
                              .path = options_.path,
                              .headers = {{"Content-Type", body == HttpBody::lines ? "application/x-ndjson" : "application/json"}, {options_.key_header, key_of(rows, range)}},
                              .body = text_};
  crash_point("http.before_send");
  PENSTOCK_ASSIGN(const http::Answer answer, client_.send(request, cancellation));
  crash_point("http.after_answer");
  return judge(answer, reason);
}

Result<HttpSink::Verdict> HttpSink::judge(const http::Answer& answer, std::string& reason) {
  if (answer.status >= 200 && answer.status < 300) return Verdict::taken;
  const std::string said = said_by(answer, client_.peer().secrets);
  if (is_about_the_moment(answer.status)) {
    asked_to_wait_ = std::min<std::chrono::milliseconds>(answer.retry_after, kLongestWait);
    return Error(ErrorKind::unavailable, name() + " answers " + said);
  }
  if (is_about_the_request(answer.status))
    return Error(ErrorKind::failed_precondition, name() + " answers " + said,
                 answer.status == 401 || answer.status == 403 ? "check the connection's auth" : "check the connection's url and the sink's path, method and body");
  reason = said;
  return Verdict::refused;
}

}  // namespace penstock
