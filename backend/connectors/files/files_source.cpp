#include "connectors/files/files_source.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/wait.h"
#include "connectors/files/csv_cells.h"
#include "connectors/files/csv_headers.h"
#include "connectors/files/parquet_records.h"

namespace penstock::files {
namespace {

constexpr std::int64_t kByteMask = (std::int64_t{1} << FileIndex::kOffsetBits) - 1;

bool is_compressed(const std::string& path) { return path.ends_with(".gz") || path.ends_with(".zst"); }

// Where the partition stands when all of its files are read: behind the last record, or at the end of an unread file.
std::int64_t head_of(const FileIndex& index, std::int64_t given_out) {
  std::int64_t head = given_out;
  for (std::size_t file = 0; file < index.files().size(); ++file) {
    const IndexedFile& entry = index.files()[file];
    head = std::max(head, entry.end.value_or(FileIndex::position_of(file, entry.identity.bytes)));
  }
  return head;
}

}  // namespace

FilesSource::FilesSource(FilesConfig config, const Clock& clock)
    : config_(std::move(config)), clock_(clock), scanner_(config_.rules, clock) {}

std::string FilesSource::index_path(std::int32_t partition) const {
  if (config_.state_dir.empty()) return {};
  return (std::filesystem::path(config_.state_dir) / ("files-" + std::to_string(partition) + ".index")).string();
}

Result<FileIndex> FilesSource::open_index(std::int32_t partition) const {
  return config_.again ? FileIndex::read(index_path(partition)) : FileIndex::open(index_path(partition));
}

// Files that are gone, or are others by now, cannot be read again.
std::int64_t FilesSource::earliest_of(const FileIndex& index) const {
  std::size_t first = config_.again ? index.files().size() : 0;
  for (; first > 0; --first) {
    const IndexedFile& file = index.files()[first - 1];
    const auto hash = hash_ends(path_of(file), file.identity.bytes);
    if (!hash.ok() || *hash != file.identity.ends_hash) break;
  }
  return FileIndex::position_of(first, 0);
}

std::string FilesSource::path_of(const IndexedFile& file) const {
  return (std::filesystem::path(config_.rules.folder) / file.identity.path).string();
}

std::int32_t FilesSource::partition_of(const std::string& path) const {
  std::uint32_t hash = 0x811c9dc5;      // FNV-1a
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
  return static_cast<std::int32_t>(hash % static_cast<std::uint32_t>(config_.partitions));
}

Result<std::vector<PartitionRange>> FilesSource::partitions() {
  PENSTOCK_TRY(look_for_files());
  std::vector<PartitionRange> ranges;
  for (std::int32_t partition = 0; partition < config_.partitions; ++partition) {
    const auto reader = std::find_if(readers_.begin(), readers_.end(), [&](const Reader& own) { return own.partition == partition; });
    if (reader != readers_.end()) {
      ranges.push_back({partition, 0, head_of(reader->index, reader->next)});
    } else {
      PENSTOCK_ASSIGN(const FileIndex index, open_index(partition));
      ranges.push_back({partition, earliest_of(index), head_of(index, 0)});
    }
  }
  return ranges;
}

Status FilesSource::assign(const std::vector<Assignment>& assignments) {
  readers_.clear();
  scanned_at_.reset();
  for (const Assignment& assignment : assignments) {
    if (assignment.partition < 0 || assignment.partition >= config_.partitions)
      return Error(ErrorKind::not_found, name() + " has no partition " + std::to_string(assignment.partition));
    PENSTOCK_ASSIGN(FileIndex index, open_index(assignment.partition));
    const std::int64_t next = assignment.from.value_or(0);
    const auto file = static_cast<std::size_t>(next >> FileIndex::kOffsetBits);
    if (file > index.files().size() || (file == index.files().size() && (next & kByteMask) != 0))
      return Error(ErrorKind::data_loss,
                   "position " + std::to_string(next) + " lies in file number " + std::to_string(file) + " of partition " +
                       std::to_string(assignment.partition) + ", but the list of files has only " + std::to_string(index.files().size()),
                   "restore the state folder that belongs to these positions, or reset them to read every file again", index_path(assignment.partition));
    readers_.push_back({.partition = assignment.partition, .index = std::move(index), .next = next, .until = assignment.until, .file = file});
  }
  return {};
}

Result<PollOutcome> FilesSource::poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) {
  if (held_error_) return *std::exchange(held_error_, std::nullopt);
  const std::int64_t rows_before = out.rows();
  PENSTOCK_TRY(look_for_files());
  for (Reader& reader : readers_) {
    const Status status = read(reader, limits, out);
    if (status.ok()) continue;
    if (out.rows() == rows_before) return status.error();
    held_error_ = status.error();
    break;
  }
  if (out.rows() > rows_before) return PollOutcome::rows;
  if (std::all_of(readers_.begin(), readers_.end(), [&](const Reader& reader) { return has_ended(reader); })) return PollOutcome::ended;
  // Until the folder is looked at again, so that a longer wait does not put it off.
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(config_.every - (clock_.steady() - *scanned_at_));
  wait_for(std::min<std::chrono::microseconds>(limits.wait, std::max<std::chrono::microseconds>(left, std::chrono::milliseconds(1))), cancellation);
  return PollOutcome::idle;
}

bool FilesSource::has_ended(const Reader& reader) const {
  if (reader.until && std::max(reader.next, FileIndex::position_of(reader.file, 0)) >= *reader.until) return true;
  return !config_.watch && !waiting_ && scanned_at_ && reader.file == reader.index.files().size();
}

Status FilesSource::look_for_files() {
  const auto now = clock_.steady();
  if (config_.again) {
    scanned_at_ = now;
    return {};
  }
  if (scanned_at_ && now - *scanned_at_ < config_.every) return {};
  PENSTOCK_ASSIGN(const std::vector<FileIdentity> files, scanner_.scan(waiting_));
  scanned_at_ = now;
  for (const FileIdentity& file : files)
    for (Reader& reader : readers_)
      if (reader.partition == partition_of(file.path)) PENSTOCK_TRY(register_file(reader, file));
  return {};
}

Status FilesSource::register_file(Reader& reader, FileIdentity file) {
  const IndexedFile* known = reader.index.last_of(file.path);
  if (known && known->identity.bytes == file.bytes && known->identity.modified_micros == file.modified_micros) return {};
  IndexedFile entry{.identity = std::move(file)};
  const auto hash = hash_ends(path_of(entry), entry.identity.bytes);
  if (!hash.ok()) return {};      // gone or changed between two looks: the next one will tell
  entry.identity.ends_hash = *hash;
  if (known && known->identity.bytes <= entry.identity.bytes) {
    const auto old_hash = hash_ends(path_of(entry), known->identity.bytes);
    const bool begins_alike = old_hash.ok() && *old_hash == known->identity.ends_hash;
    if (begins_alike && known->identity.bytes == entry.identity.bytes) return {};     // only touched
    const bool is_text = config_.framing != Framing::parquet && !is_compressed(entry.identity.path);
    if (begins_alike && is_text) entry.begin = known->identity.bytes;
  }
  return reader.index.add(entry);
}

Status FilesSource::read(Reader& reader, const PollLimits& limits, RawBatch& out) {
  std::string headers;
  while (out.rows() < limits.rows && out.bytes() < limits.bytes && !has_ended(reader)) {
    if (!reader.records) {
      PENSTOCK_TRY(open_next(reader));
      if (!reader.records) return {};
    }
    auto record = next_record(reader);
    if (!record.ok()) return give_up(reader, record.error());
    const std::size_t file = reader.file;
    if (!*record) {
      if (!config_.again && !reader.index.files()[file].end) PENSTOCK_TRY(reader.index.mark_read(file, reader.next));
      reader.records.reset();
      ++reader.file;
      continue;
    }
    const std::int64_t position = FileIndex::position_of(file, (*record)->offset);
    if (reader.until && position >= *reader.until) {
      reader.next = *reader.until;
      return {};
    }
    headers.clear();
    append_headers(headers, reader.headers_prefix, (*record)->line);
    out.append({.position = {reader.partition, position},
                .value = (*record)->bytes,
                .headers = headers,
                .source_time_micros = reader.index.files()[file].identity.modified_micros,
                .damage = (*record)->torn ? RawBatch::Damage::torn : RawBatch::Damage::none});
    reader.next = position + 1;
  }
  return {};
}

Result<std::optional<FileRecord>> FilesSource::next_record(Reader& reader) {
  const IndexedFile& entry = reader.index.files()[reader.file];
  for (;;) {
    PENSTOCK_ASSIGN(auto record, reader.records->next());
    if (!record) return record;
    // An earlier entry of this file has ended within this record, and gave out what there was of it.
    if (record->offset < entry.begin && record->offset + static_cast<std::int64_t>(record->bytes.size()) > entry.begin) {
      record->offset = entry.begin;
      record->torn = true;
    }
    if (record->offset >= entry.begin && FileIndex::position_of(reader.file, record->offset) >= reader.next) return record;
  }
}

Result<std::unique_ptr<FileRecords>> FilesSource::open_records(const IndexedFile& entry) {
  if (config_.framing == Framing::parquet) {
    PENSTOCK_ASSIGN(auto records, ParquetRecords::open(path_of(entry), *config_.parquet));
    columns_ = records->columns();
    return std::unique_ptr<FileRecords>(std::move(records));
  }
  PENSTOCK_ASSIGN(auto file, open_file(path_of(entry), entry.identity.bytes));
  return std::unique_ptr<FileRecords>(std::make_unique<RecordReader>(std::move(file), config_.framing, config_.delimiter, config_.record_max_bytes));
}

SchemaPtr FilesSource::columns() {
  if (columns_ || config_.framing != Framing::parquet) return columns_;
  for (std::int32_t partition = 0; partition < config_.partitions; ++partition) {
    const auto index = open_index(partition);
    if (!index.ok() || index->files().empty()) continue;
    const auto look = config_.parquet->look(path_of(index->files().back()));
    if (look.ok()) return look->columns;
  }
  return nullptr;
}

Status FilesSource::open_next(Reader& reader) {
  const auto& files = reader.index.files();
  while (reader.file < files.size() && files[reader.file].end && reader.next >= *files[reader.file].end) ++reader.file;
  if (reader.file == files.size()) return {};
  const IndexedFile& entry = files[reader.file];
  const auto hash = hash_ends(path_of(entry), entry.identity.bytes);
  if (!hash.ok()) return give_up(reader, hash.error());
  if (*hash != entry.identity.ends_hash) return give_up(reader, {ErrorKind::data_loss, "the file was replaced while it was being read"});
  // What it has grown by since is another entry: so a record has the same bytes whenever it is read.
  auto records = open_records(entry);
  if (!records.ok()) return give_up(reader, records.error());
  reader.records = std::move(*records);
  if (reader.next > FileIndex::position_of(reader.file, 0)) reader.records->seek(reader.next & kByteMask);
  return read_header(reader);
}

Status FilesSource::read_header(Reader& reader) {
  const std::string& path = reader.index.files()[reader.file].identity.path;
  if (config_.framing != Framing::csv || !config_.header) {
    reader.headers_prefix = headers_prefix(nullptr, path);
    return {};
  }
  auto header = reader.records->next();
  if (!header.ok()) return give_up(reader, header.error());
  std::vector<std::string> columns;
  if (*header) {
    std::vector<CsvCell> cells;
    std::string scratch;
    if (const auto fault = split_csv((*header)->bytes, config_.delimiter, cells, scratch))
      return give_up(reader, {ErrorKind::data_loss, "its header cannot be read: " + *fault});
    for (const CsvCell& cell : cells) columns.emplace_back(cell.text);
  }
  reader.headers_prefix = headers_prefix(&columns, path);
  return {};
}

Status FilesSource::give_up(Reader& reader, const Error& cause) {
  reader.records.reset();
  // The disk or the share did not answer: the file itself may be whole.
  if (cause.kind == ErrorKind::io) return Error(ErrorKind::unavailable, cause.message, cause.action, cause.where);
  const IndexedFile& entry = reader.index.files()[reader.file];
  const bool is_known = entry.failure.has_value();
  const std::string path = path_of(entry);
  if (!is_known && !config_.again) PENSTOCK_TRY(reader.index.mark_failed(reader.file, reader.next, cause.message));
  ++reader.file;
  if (is_known) return {};
  return Error(ErrorKind::data_loss, entry.identity.path + ": " + cause.message + "; its records before position " + std::to_string(reader.next) +
                                         " were read, the rest is not", "deliver the file again under another name", path);
}

}  // namespace penstock::files
