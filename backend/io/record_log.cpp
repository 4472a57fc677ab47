#include "io/record_log.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/crash_point.h"
#include "base/file_sync.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kMagic = 0x474C5250;      // "PRLG"
constexpr std::uint32_t kNoKey = 0xFFFFFFFF;
constexpr std::uint32_t kMostBytes = 1 << 30;

struct Head {
  std::uint32_t magic = kMagic;
  std::uint32_t bytes = 0;
  std::uint64_t hash = 0;
  std::int64_t first = 0;
  std::uint32_t records = 0;
  std::uint32_t note_bytes = 0;
};
static_assert(sizeof(Head) == 32);

struct RecordHead {
  std::uint32_t value = 0, key = 0, headers = 0, tombstone = 0;
  std::int64_t source_time = 0;
};

// FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/. Seeded with the offset, so that a group elsewhere is none.
std::uint64_t hash_of(std::string_view bytes, std::int64_t first) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ static_cast<std::uint64_t>(first);
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

Error cannot(const std::string& what, const std::string& path) {
  return Error(ErrorKind::io, "cannot " + what + " the log of records", "check the state folder's rights and free space", path);
}

struct File {
  File(const std::string& path, const char* mode) : file(std::fopen(path.c_str(), mode)) {}
  ~File() { close(); }
  bool close() {
    const bool closed = !file || std::fclose(file) == 0;
    file = nullptr;
    return closed;
  }
  std::FILE* file;
};

template <typename T>
bool take(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

std::string encode(const RawBatch& records, std::string_view note) {
  std::string payload(note);
  for (std::int64_t row = 0; row < records.rows(); ++row) {
    const RawBatch::Record record = records[row];
    const RecordHead head{static_cast<std::uint32_t>(record.value.size()), record.has_key ? static_cast<std::uint32_t>(record.key.size()) : kNoKey,
                          static_cast<std::uint32_t>(record.headers.size()), record.tombstone ? 1u : 0u, record.source_time_micros};
    payload.append(reinterpret_cast<const char*>(&head), sizeof head);
    payload.append(record.value).append(record.has_key ? record.key : std::string_view()).append(record.headers);
  }
  return payload;
}

bool take_record(std::string_view& bytes, RawBatch::Record& record) {
  RecordHead head;
  if (!take(bytes, head)) return false;
  const std::uint64_t key = head.key == kNoKey ? 0 : head.key;
  if (bytes.size() < head.value + key + head.headers) return false;
  record.value = bytes.substr(0, head.value);
  record.key = bytes.substr(head.value, key);
  record.headers = bytes.substr(head.value + key, head.headers);
  record.has_key = head.key != kNoKey;
  record.tombstone = head.tombstone != 0;
  record.source_time_micros = head.source_time;
  bytes.remove_prefix(head.value + key + head.headers);
  return true;
}

}  // namespace

Result<std::unique_ptr<RecordLog>> RecordLog::open(const std::string& folder, std::int64_t segment_bytes) {
  std::unique_ptr<RecordLog> log(new RecordLog(folder, segment_bytes));
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) return cannot("make a folder for", folder);
  PENSTOCK_ASSIGN(log->lock_, FileLock::take((fs::path(folder) / "lock").string()));
  std::vector<std::int64_t> firsts;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().stem().string();
    std::int64_t first = 0;
    const auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), first);
    if (entry.path().extension() == ".log" && wrong == std::errc{} && rest == name.data() + name.size()) firsts.push_back(first);
  }
  if (code) return cannot("list", folder);
  std::sort(firsts.begin(), firsts.end());
  for (const std::int64_t first : firsts) {
    log->segments_.push_back({.first = first});
    // A gap is what begin_at() leaves.
    log->end_ = std::max(log->end_, first);
    PENSTOCK_TRY(log->load(log->segments_.back(), first == firsts.back()));
  }
  if (firsts.empty()) PENSTOCK_TRY(log->add_segment());
  return log;
}

std::string RecordLog::path_of(const Segment& segment) const { return (fs::path(folder_) / (std::to_string(segment.first) + ".log")).string(); }

Status RecordLog::load(Segment& segment, bool last) {
  const std::string path = path_of(segment);
  File file(path, "rb");
  if (!file.file) return cannot("open", path);
  while (true) {
    Head head;
    if (std::fread(&head, 1, sizeof head, file.file) != sizeof head) break;
    std::string payload;
    if (head.magic != kMagic || head.bytes > kMostBytes || head.first != end_ || head.note_bytes > head.bytes) break;
    payload.resize(head.bytes);
    if (std::fread(payload.data(), 1, payload.size(), file.file) != payload.size() || hash_of(payload, head.first) != head.hash) break;
    segment.groups.push_back({head.first, head.records, segment.bytes + static_cast<std::int64_t>(sizeof head), head.bytes, head.note_bytes});
    segment.bytes += static_cast<std::int64_t>(sizeof head + payload.size());
    if (head.note_bytes > 0) last_note_ = payload.substr(0, head.note_bytes);
    end_ += head.records;
  }
  file.close();
  std::error_code code;
  const auto size = static_cast<std::int64_t>(fs::file_size(path, code));
  if (code) return cannot("read", path);
  if (size == segment.bytes) return {};
  if (!last) return Error(ErrorKind::data_loss, "the log of records is damaged behind offset " + std::to_string(end_), "restore the state folder, or remove the file", path);
  fs::resize_file(path, static_cast<std::uintmax_t>(segment.bytes), code);
  return code ? Status(cannot("mend", path)) : sync_file(path);
}

Status RecordLog::add_segment() {
  Segment segment{.first = end_};
  const std::string path = path_of(segment);
  File file(path, "wb");
  if (!file.file || !file.close()) return cannot("begin", path);
  PENSTOCK_TRY(sync_folder_of(path));
  segments_.push_back(std::move(segment));
  return {};
}

std::int64_t RecordLog::begin() const {
  for (const Segment& segment : segments_)
    if (!segment.groups.empty()) return segment.first;
  return end_;
}

std::int64_t RecordLog::bytes() const {
  std::int64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.bytes;
  return bytes;
}

Result<std::int64_t> RecordLog::append(const RawBatch& records, std::string_view note) {
  const std::string payload = encode(records, note);
  if (payload.size() > kMostBytes) return Error(ErrorKind::resource_exhausted, "the records are too large to be kept together");
  if (segments_.back().bytes >= segment_bytes_) PENSTOCK_TRY(add_segment());
  Segment& segment = segments_.back();
  const std::string path = path_of(segment);
  const Head head{.bytes = static_cast<std::uint32_t>(payload.size()), .hash = hash_of(payload, end_), .first = end_,
                  .records = static_cast<std::uint32_t>(records.rows()), .note_bytes = static_cast<std::uint32_t>(note.size())};
  Status written = cannot("write", path);
  {
    File file(path, "ab");
    if (file.file && std::fwrite(&head, 1, sizeof head, file.file) == sizeof head && std::fwrite(payload.data(), 1, payload.size(), file.file) == payload.size() &&
        file.close())
      written = sync_file(path);
  }
  crash_point("record_log.after_append");
  if (!written.ok()) {
    std::error_code code;
    fs::resize_file(path, static_cast<std::uintmax_t>(segment.bytes), code);
    return written.error();
  }
  segment.groups.push_back({end_, records.rows(), segment.bytes + static_cast<std::int64_t>(sizeof head), static_cast<std::int64_t>(payload.size()), head.note_bytes});
  segment.bytes += static_cast<std::int64_t>(sizeof head + payload.size());
  if (!note.empty()) last_note_ = std::string(note);
  const std::int64_t first = end_;
  end_ += records.rows();
  return first;
}

Result<std::string> RecordLog::payload(const Segment& segment, const Place& place) const {
  const std::string path = path_of(segment);
  File file(path, "rb");
  std::string payload(static_cast<std::size_t>(place.bytes), '\0');
  if (!file.file || std::fseek(file.file, static_cast<long>(place.at), SEEK_SET) != 0 || std::fread(payload.data(), 1, payload.size(), file.file) != payload.size())
    return cannot("read", path);
  return payload;
}

Status RecordLog::read(std::int64_t from, std::int64_t rows, std::int64_t bytes, RawBatch& out) const {
  const std::int64_t before = out.bytes();
  for (const Segment& segment : segments_) {
    for (const Place& place : segment.groups) {
      if (place.first + place.records <= from) continue;
      if (rows <= 0 || out.bytes() - before >= bytes) return {};
      PENSTOCK_ASSIGN(const std::string held, payload(segment, place));
      std::string_view rest = std::string_view(held).substr(place.note_bytes);
      for (std::int64_t row = 0; row < place.records && rows > 0; ++row) {
        RawBatch::Record record;
        if (!take_record(rest, record)) return Error(ErrorKind::data_loss, "the log of records is damaged at offset " + std::to_string(place.first + row), "", path_of(segment));
        record.position = {0, place.first + row};
        if (place.first + row < from) continue;
        if (out.bytes() > before && out.bytes() - before >= bytes) return {};
        out.append(record);
        --rows;
      }
    }
  }
  return {};
}

Status RecordLog::scan(const std::function<void(const Group&)>& each) const {
  for (const Segment& segment : segments_)
    for (const Place& place : segment.groups) {
      PENSTOCK_ASSIGN(const std::string held, payload(segment, place));
      each({place.first, place.records, std::string_view(held).substr(0, place.note_bytes)});
    }
  return {};
}

Status RecordLog::trim(std::int64_t below, const std::function<Status(const Group&)>& before) {
  // The last file is not removed before there is a next one, whose name keeps the offset.
  if (below >= end_ && segments_.back().bytes >= segment_bytes_) PENSTOCK_TRY(add_segment());
  if (segments_.size() > 1 && segments_[1].first <= below) PENSTOCK_TRY(keep_note());
  while (segments_.size() > 1 && segments_[1].first <= below) {
    const Segment& oldest = segments_.front();
    for (const Place& place : oldest.groups) {
      if (!before) break;
      PENSTOCK_ASSIGN(const std::string held, payload(oldest, place));
      PENSTOCK_TRY(before({place.first, place.records, std::string_view(held).substr(0, place.note_bytes)}));
    }
    std::error_code code;
    fs::remove(path_of(oldest), code);
    if (code) return cannot("trim", path_of(oldest));
    segments_.pop_front();
  }
  return {};
}

Status RecordLog::keep_note() {
  const auto& groups = segments_.back().groups;
  if (last_note_.empty() || std::any_of(groups.begin(), groups.end(), [](const Place& place) { return place.note_bytes > 0; })) return {};
  const auto kept = append(RawBatch(), std::string(last_note_));
  return kept.ok() ? Status() : Status(kept.error());
}

Status RecordLog::begin_at(std::int64_t offset) {
  if (offset < end_) return Error(ErrorKind::internal, "a log of records cannot begin before its end");
  if (offset == end_ && begin() == end_) return {};
  end_ = offset;
  PENSTOCK_TRY(add_segment());
  return trim(offset);
}

}  // namespace penstock
