#include "connectors/webhook/webhook_inbox.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/crash_point.h"
#include "base/file_sync.h"
#include "base/log.h"
#include "record/row_json.h"

namespace penstock::webhook {
namespace {

constexpr std::size_t kLongestKey = 255;
// While somebody waits, the stream's thread must come by to tell what is durable.
constexpr std::chrono::milliseconds kBriefly{2};
constexpr std::chrono::seconds kTrimLater{1};

std::string json_text(std::string_view text) {
  std::string out;
  append_json_text(text, out);
  return out;
}

Reply refuse(int status, const std::string& why, std::chrono::seconds retry_after = std::chrono::seconds(0)) {
  return {status, "{\"error\":" + json_text(why) + "}", retry_after};
}

std::string file_of_keys(const InboxOptions& options) { return (std::filesystem::path(options.folder) / "keys").string(); }

Error cannot_write(const std::string& path) { return Error(ErrorKind::io, "cannot write the keys of requests", "check the state folder's rights and free space", path); }

Status append_synced(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "ab");
  const bool written = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = file && std::fclose(file) == 0;
  return written && closed ? sync_file(path) : Status(cannot_write(path));
}

bool is_key(std::string_view key) {
  return key.size() <= kLongestKey && std::all_of(key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

}  // namespace

Result<std::shared_ptr<Inbox>> Inbox::open(InboxOptions options, const Clock& clock) {
  std::shared_ptr<Inbox> inbox(new Inbox(std::move(options), clock));
  PENSTOCK_TRY(inbox->load());
  return inbox;
}

// A note and a line of the file are the same: time, status, hash of the body, records, problem, key; with tabs between. Lines
// also say where the group ends.
Status Inbox::load() {
  PENSTOCK_ASSIGN(log_, RecordLog::open((std::filesystem::path(options_.folder) / "log").string()));
  const std::int64_t oldest = to_micros(clock_.now()) - options_.remember.count();
  const auto read_note = [&](const std::string& text, std::int64_t end) {
    std::istringstream in(text);
    Known known{.end = end};
    std::string key;
    in >> known.at >> known.status >> known.body_hash >> known.records;
    in.ignore(1, '\t');
    std::getline(in, known.problem, '\t');
    std::getline(in, key);
    if (in.fail() || key.empty() || known.at < oldest) return;
    remember(key, std::move(known));
  };
  // A line that a power loss has cut belongs to a group that is in the log still.
  std::ifstream file(std::filesystem::path(file_of_keys(options_)), std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    if (file.eof()) break;
    std::istringstream in(line);
    std::int64_t end = 0;
    std::string rest;
    in >> end;
    in.ignore(1, '\t');
    std::getline(in, rest);
    read_note(rest, end);
  }
  file.close();
  PENSTOCK_TRY(write_keys());
  PENSTOCK_TRY(log_->scan([&](const RecordLog::Group& group) { read_note(std::string(group.note), group.first + group.records); }));
  committed_ = log_->begin();
  return {};
}

// Those that are remembered still take the place of all that were ever written.
Status Inbox::write_keys() const {
  std::string lines;
  for (const std::string& key : by_age_) lines += std::to_string(known_.at(key).end) + "\t" + note_of(key, known_.at(key)) + "\n";
  const std::string path = file_of_keys(options_), aside = path + ".new";
  std::error_code code;
  std::filesystem::remove(aside, code);
  PENSTOCK_TRY(append_synced(aside, lines));
  std::filesystem::rename(aside, path, code);
  return code ? Status(cannot_write(path)) : sync_folder_of(path);
}

std::string Inbox::note_of(const std::string& key, const Known& known) {
  return std::to_string(known.at) + "\t" + std::to_string(known.status) + "\t" + known.body_hash + "\t" + std::to_string(known.records) + "\t" + known.problem + "\t" + key;
}

void Inbox::remember(const std::string& key, Known known) {
  if (known_.insert_or_assign(key, std::move(known)).second) by_age_.push_back(key);
}

void Inbox::forget_old() {
  const std::int64_t oldest = to_micros(clock_.now()) - options_.remember.count();
  while (!by_age_.empty()) {
    const auto found = known_.find(by_age_.front());
    const bool old = found == known_.end() || found->second.at < oldest || static_cast<std::int64_t>(by_age_.size()) > options_.remember_most;
    if (!old || (found != known_.end() && found->second.end > committed_)) return;
    if (found != known_.end()) known_.erase(found);
    by_age_.pop_front();
  }
}

Reply Inbox::deliver(const Delivered& request) {
  std::unique_lock lock(mutex_);
  if (closed_) return refuse(503, "the stream does not read now", std::chrono::seconds(1));
  if (!is_key(request.key)) return refuse(400, "the idempotency key is longer than 255 bytes, or no text");
  if (static_cast<std::int64_t>(request.body.size()) > options_.body_bytes) return refuse(413, "the body is larger than " + std::to_string(options_.body_bytes) + " bytes");
  if (waiting_ >= options_.requests) return refuse(429, "too many requests wait for their answer", std::chrono::seconds(1));
  ++waiting_;
  Reply reply = take(request, lock);
  --waiting_;
  return reply;
}

Reply Inbox::take(const Delivered& request, std::unique_lock<std::mutex>& lock) {
  forget_old();
  const std::string hash = sha256_hex(request.body);
  if (const auto found = known_.find(request.key); !request.key.empty() && found != known_.end()) {
    if (found->second.body_hash != hash) return refuse(422, "this idempotency key came with another body before");
    return wait_until_durable(Known(found->second), lock);
  }
  if (waiting_bytes_ > 0 && waiting_bytes_ + static_cast<std::int64_t>(request.body.size()) > options_.queue_bytes)
    return refuse(429, "the stream is behind: " + std::to_string(waiting_bytes_) + " bytes wait", std::chrono::seconds(1));

  // What cannot be split is a record as it came: it becomes a dead letter, and its sender is told.
  SplitBody split = split_body(request.body, request.content_type.find("ndjson") != std::string::npos && options_.body == BodyKind::json ? BodyKind::lines : options_.body);
  Known known{.body_hash = hash, .status = split.problem.empty() ? 200 : 400, .problem = split.problem, .at = to_micros(clock_.now())};
  if (!split.problem.empty()) split.records = {request.body};
  std::string headers;
  if (!request.key.empty()) headers = "{\"idempotency-key\":" + json_text(request.key) + ",\"content-type\":" + json_text(request.content_type) + "}";
  else headers = "{\"content-type\":" + json_text(request.content_type) + "}";
  RawBatch records;
  for (const std::string_view record : split.records) records.append({.value = record, .headers = headers, .source_time_micros = known.at});
  known.records = records.rows();
  std::string note;
  if (!request.key.empty())
    note = note_of(request.key, known);
  if (records.rows() > 0 || !note.empty()) {
    const auto first = log_->append(records, note);
    if (!first.ok()) {
      log_error("webhook: {}", first.error().to_string());
      return refuse(503, "the request cannot be kept now", std::chrono::seconds(10));
    }
    crash_point("webhook.after_append");
  }
  known.end = log_->end();
  if (records.rows() > 0) {
    sizes_[known.end] += static_cast<std::int64_t>(request.body.size());
    waiting_bytes_ += static_cast<std::int64_t>(request.body.size());
  }
  if (!request.key.empty()) remember(request.key, known);
  arrived_.notify_all();
  return wait_until_durable(known, lock);
}

Reply Inbox::wait_until_durable(const Known& known, std::unique_lock<std::mutex>& lock) {
  durable_.wait_for(lock, options_.answer_within, [&] { return closed_ || committed_ >= known.end; });
  if (committed_ < known.end) return refuse(503, "the records are kept, but not durable in the stream yet; ask again with the same key", std::chrono::seconds(1));
  crash_point("webhook.before_answer");
  if (!known.problem.empty()) return refuse(known.status, known.problem);
  return {known.status, "{\"accepted\":" + std::to_string(known.records) + "}", std::chrono::seconds(0)};
}

std::int64_t Inbox::begin() const {
  std::lock_guard lock(mutex_);
  return log_->begin();
}

std::int64_t Inbox::end() const {
  std::lock_guard lock(mutex_);
  return log_->end();
}

Status Inbox::go_on_from(std::int64_t offset) {
  std::lock_guard lock(mutex_);
  if (offset > log_->end()) PENSTOCK_TRY(log_->begin_at(offset));
  committed_ = std::max(committed_, offset);
  durable_.notify_all();
  return {};
}

Status Inbox::read(std::int64_t offset, std::int64_t rows, std::int64_t bytes, std::chrono::milliseconds wait, RawBatch& out) {
  std::unique_lock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + (waiting_ > 0 ? std::min(wait, kBriefly) : wait);
  arrived_.wait_until(lock, until, [&] { return log_->end() > offset; });
  return log_->read(offset, rows, bytes, out);
}

void Inbox::committed(std::int64_t offset) {
  std::lock_guard lock(mutex_);
  if (offset <= committed_) return;
  committed_ = offset;
  while (!sizes_.empty() && sizes_.begin()->first <= offset) {
    waiting_bytes_ -= sizes_.begin()->second;
    sizes_.erase(sizes_.begin());
  }
  durable_.notify_all();
  // Where the stream's writes are synced together, what it calls durable is so a moment later.
  const auto now = clock_.steady();
  if (now < trim_at_ + kTrimLater) return;
  const Status trimmed = log_->trim(trim_below_, [&](const RecordLog::Group& group) {
    return group.note.empty() ? Status() : append_synced(file_of_keys(options_), std::to_string(group.first + group.records) + "\t" + std::string(group.note) + "\n");
  });
  if (!trimmed.ok()) log_warn("webhook: {}", trimmed.error().to_string());
  trim_below_ = offset;
  trim_at_ = now;
}

void Inbox::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  durable_.notify_all();
  arrived_.notify_all();
}

}  // namespace penstock::webhook
