#include "connectors/files/record_reader.h"

#include <algorithm>

namespace penstock::files {
namespace {

constexpr std::size_t kChunk = 256 << 10;

}  // namespace

Result<std::optional<RecordReader::Record>> RecordReader::next() {
  if (!started_) PENSTOCK_TRY(skip_mark());
  for (;;) {
    std::size_t end = find_end();
    while (end == std::string::npos && !at_end_) {
      if (buffer_.size() - at_ > record_max_bytes_)
        return Error(ErrorKind::resource_exhausted, "the record in line " + std::to_string(line_) + " is larger than " + std::to_string(record_max_bytes_) +
                                                        " bytes", "raise record_max, or mend the file: a quote may not be closed");
      PENSTOCK_TRY(fill());
      end = find_end();
    }
    if (end == std::string::npos && at_ == buffer_.size()) return std::optional<Record>();
    const std::size_t stop = end == std::string::npos ? buffer_.size() : end;
    Record record{std::string_view(buffer_).substr(at_, stop - at_), buffer_offset_ + static_cast<std::int64_t>(at_), line_};
    line_ += 1 + std::count(record.bytes.begin(), record.bytes.end(), '\n');
    at_ = scanned_ = end == std::string::npos ? buffer_.size() : end + 1;
    cell_ = Cell::start;
    if (record.bytes.ends_with('\r')) record.bytes.remove_suffix(1);
    if (!record.bytes.empty()) return std::optional<Record>(record);
  }
}

std::size_t RecordReader::find_end() {
  if (framing_ == Framing::lines) {
    const std::size_t end = buffer_.find('\n', scanned_);
    scanned_ = buffer_.size();
    return end;
  }
  // A quote opens a cell only at its start (RFC 4180): one in the middle of an unquoted cell must not swallow the lines
  // that follow.
  for (; scanned_ < buffer_.size(); ++scanned_) {
    const char c = buffer_[scanned_];
    if (cell_ == Cell::quoted) {
      if (c == '"') cell_ = Cell::after_quote;
    } else if (c == '\n') {
      return scanned_;
    } else if (c == '"' && cell_ != Cell::plain) {
      cell_ = Cell::quoted;
    } else {
      cell_ = c == delimiter_ ? Cell::start : Cell::plain;
    }
  }
  return std::string::npos;
}

Status RecordReader::fill() {
  buffer_.erase(0, at_);
  buffer_offset_ += static_cast<std::int64_t>(at_);
  scanned_ -= at_;
  at_ = 0;
  const std::size_t size = buffer_.size();
  buffer_.resize(size + kChunk);
  auto got = file_->read(buffer_.data() + size, kChunk);
  buffer_.resize(size + (got.ok() ? *got : 0));
  if (!got.ok()) return std::move(got).error();
  at_end_ = *got == 0;
  return {};
}

Status RecordReader::skip_mark() {
  started_ = true;
  while (buffer_.size() < 3 && !at_end_) PENSTOCK_TRY(fill());
  if (buffer_.starts_with("\xFF\xFE") || buffer_.starts_with("\xFE\xFF"))
    return Error(ErrorKind::unsupported, "the file is UTF-16; only UTF-8 is read");
  if (buffer_.starts_with("\xEF\xBB\xBF")) at_ = scanned_ = 3;
  return {};
}

}  // namespace penstock::files
