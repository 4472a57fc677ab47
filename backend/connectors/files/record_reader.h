#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/files/file_reader.h"

namespace penstock::files {

enum class Framing {
  lines,   // one record a line
  csv,     // one record a line, but a quoted cell may hold line ends (RFC 4180)
  parquet, // one record a row (parquet_records.h)
};

struct FileRecord {
  std::string_view bytes;    // without its line end; valid until the next call
  std::int64_t offset = 0;   // of its first byte, after decompression; or its row
  std::int64_t line = 0;     // its first line, from 1
  bool torn = false;         // set by the source: RawBatch::Damage
};

// The records of one file. Used by one thread.
class FileRecords {
 public:
  virtual ~FileRecords() = default;
  // None at the end. Everything before an error was given.
  virtual Result<std::optional<FileRecord>> next() = 0;
  // Records before this offset need not be given any more.
  virtual void seek(std::int64_t) {}
};

// Cuts a file into records. Blank lines are passed over, a byte order mark at the start too, and the last record
// needs no line end. Used by one thread.
class RecordReader final : public FileRecords {
 public:
  using Record = FileRecord;

  // `delimiter` counts for csv only.
  RecordReader(std::unique_ptr<FileReader> file, Framing framing, char delimiter, std::int64_t record_max_bytes)
      : file_(std::move(file)), framing_(framing), delimiter_(delimiter), record_max_bytes_(static_cast<std::size_t>(record_max_bytes)) {}

  // Errors: those of FileReader; resource_exhausted for a record larger than allowed; unsupported for
  // UTF-16.
  Result<std::optional<Record>> next() override;

 private:
  enum class Cell { start, plain, quoted, after_quote };

  // One past the record's last byte, before its line end; npos when the buffer ends first.
  std::size_t find_end();
  Status fill();
  Status skip_mark();

  std::unique_ptr<FileReader> file_;
  Framing framing_;
  char delimiter_;
  std::size_t record_max_bytes_;

  std::string buffer_;
  std::size_t at_ = 0;             // where the next record begins in the buffer
  std::size_t scanned_ = 0;        // up to here there is no end of it
  Cell cell_ = Cell::start;        // what scanned_ lies in
  bool at_end_ = false;
  bool started_ = false;
  std::int64_t buffer_offset_ = 0; // of the buffer's first byte
  std::int64_t line_ = 1;
};

}  // namespace penstock::files
