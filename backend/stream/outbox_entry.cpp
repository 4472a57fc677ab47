#include "stream/outbox_entry.h"

#include <cstring>
#include <limits>

#include "record/batch_bytes.h"

namespace penstock {
namespace {

// A stored epoch: the number of batches, each length + batch bytes; of files, each path, bytes, rows, statistics, time, ages; of
// replacements; the progress. A number takes eight bytes, as this machine keeps it; a text is its length + bytes.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void number(std::int64_t value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    out_.append(value);
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::int64_t number() {
    std::int64_t value = 0;
    if (bytes_.size() < sizeof value) return fail();
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view text() {
    const std::int64_t size = number();
    if (size < 0 || static_cast<std::size_t>(size) > bytes_.size()) {
      fail();
      return {};
    }
    const std::string_view value = bytes_.substr(0, static_cast<std::size_t>(size));
    bytes_.remove_prefix(value.size());
    return value;
  }
  bool ok() const { return ok_; }

 private:
  std::int64_t fail() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

// Whether a file of so many is what can be, and those of the entry still can be added up.
bool can_be_added(std::int64_t value, std::int64_t& sum) {
  if (value < 0 || value > std::numeric_limits<std::int64_t>::max() / 2 - sum) return false;
  sum += value;
  return true;
}

// All but the rows, which `take_batch` gets as bytes.
template <typename TakeBatch>
Result<SinkEpoch> read_entry(std::string_view bytes, const TakeBatch& take_batch) {
  const Error damaged(ErrorKind::data_loss, "an outbox entry is damaged");
  SinkEpoch epoch;
  Reader reader(bytes);
  std::int64_t file_bytes = 0, file_rows = 0;
  for (std::int64_t left = reader.number(); left > 0 && reader.ok(); --left) PENSTOCK_TRY(take_batch(reader.text()));
  for (std::int64_t left = reader.number(); left > 0 && reader.ok(); --left) {
    StagedFile file;
    file.path = reader.text();
    file.bytes = reader.number();
    file.rows = reader.number();
    file.statistics = reader.text();
    file.written_at = reader.number();
    file.ages = reader.text();
    if (!can_be_added(file.bytes, file_bytes) || !can_be_added(file.rows, file_rows)) return damaged;
    epoch.files.push_back(std::move(file));
  }
  for (std::int64_t left = reader.number(); left > 0 && reader.ok(); --left) {
    Replacement replaced;
    replaced.column = reader.text();
    replaced.source = reader.text();
    replaced.partition = static_cast<std::int32_t>(reader.number());
    replaced.from = reader.number();
    replaced.until = reader.number();
    replaced.shard = static_cast<std::int32_t>(reader.number());
    epoch.replaces.push_back(std::move(replaced));
  }
  epoch.progress = reader.text();
  if (!reader.ok()) return damaged;
  return epoch;
}

}  // namespace

std::string encode_epoch(const SinkEpoch& epoch) {
  std::string bytes;
  Writer writer(bytes);
  writer.number(static_cast<std::int64_t>(epoch.rows.size()));
  for (const Batch& batch : epoch.rows) {
    const std::size_t at = bytes.size();
    writer.number(0);
    append_batch_bytes(batch, bytes);
    const auto size = static_cast<std::int64_t>(bytes.size() - at - sizeof(std::int64_t));
    std::memcpy(bytes.data() + at, &size, sizeof size);
  }
  writer.number(static_cast<std::int64_t>(epoch.files.size()));
  for (const StagedFile& file : epoch.files) {
    writer.text(file.path);
    writer.number(file.bytes);
    writer.number(file.rows);
    writer.text(file.statistics);
    writer.number(file.written_at);
    writer.text(file.ages);
  }
  writer.number(static_cast<std::int64_t>(epoch.replaces.size()));
  for (const Replacement& replaced : epoch.replaces) {
    writer.text(replaced.column);
    writer.text(replaced.source);
    writer.number(replaced.partition);
    writer.number(replaced.from);
    writer.number(replaced.until);
    writer.number(replaced.shard);
  }
  writer.text(epoch.progress);
  return bytes;
}

Result<SinkEpoch> decode_epoch(std::int64_t number, std::string_view bytes) {
  std::vector<Batch> rows;
  PENSTOCK_ASSIGN(SinkEpoch epoch, read_entry(bytes, [&](std::string_view batch) -> Status {
    PENSTOCK_ASSIGN(Batch parsed, parse_batch_bytes(batch));
    rows.push_back(std::move(parsed));
    return {};
  }));
  epoch.epoch = number;
  epoch.rows = std::move(rows);
  return epoch;
}

EpochSize size_of(const SinkEpoch& epoch) {
  EpochSize size;
  for (const Batch& batch : epoch.rows) size.rows += batch.rows();
  for (const StagedFile& file : epoch.files) {
    size.rows += file.rows;
    size.file_bytes += file.bytes;
  }
  size.staged = !epoch.files.empty();
  return size;
}

Result<EpochSize> size_of_stored(std::string_view bytes) {
  std::int64_t rows = 0;
  PENSTOCK_ASSIGN(const SinkEpoch but_rows, read_entry(bytes, [&](std::string_view batch) -> Status {
    PENSTOCK_ASSIGN(const std::int64_t more, rows_of_batch_bytes(batch));
    rows += more;
    return {};
  }));
  EpochSize size = size_of(but_rows);
  size.rows += rows;
  return size;
}

}  // namespace penstock
