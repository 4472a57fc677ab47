#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace penstock::files {

// What tells one file, as it was, from another.
struct FileIdentity {
  std::string path;            // relative to the watched folder
  std::int64_t bytes = 0;
  std::int64_t modified_micros = 0;
  std::uint64_t ends_hash = 0; // of the first and last 4 KiB of these bytes
};

struct IndexedFile {
  FileIdentity identity;
  std::int64_t begin = 0;                    // bytes before it belong to an earlier entry of the same file, which has grown
  std::optional<std::int64_t> end;           // position behind its last record, once it was read as far as it can be
  std::optional<std::string> failure;        // why that is not its end
};

// The files of one partition in the order in which they are read: file number n has the positions from n << 40 on, so
// that positions mean the same after a restart. An append-only text file, synced before a file's first record is
// given out; a line that a crash has cut off is dropped, since nothing after it happened. Used by one thread; with an
// empty path nothing is kept.
class FileIndex {
 public:
  static constexpr int kOffsetBits = 40;
  static constexpr std::int64_t kMaxFiles = std::int64_t{1} << 22;

  // Errors: io; data_loss when the list cannot be understood.
  static Result<FileIndex> open(const std::string& path);
  // The list as it is, while another object adds to it: nothing is mended, and nothing may be added here.
  static Result<FileIndex> read(const std::string& path);

  const std::vector<IndexedFile>& files() const { return files_; }
  static std::int64_t position_of(std::size_t file, std::int64_t byte) { return (static_cast<std::int64_t>(file) << kOffsetBits) | byte; }

  // The last entry of this path; null when there is none.
  const IndexedFile* last_of(const std::string& relative_path) const;
  Status add(const IndexedFile& file);
  Status mark_read(std::size_t file, std::int64_t end);
  Status mark_failed(std::size_t file, std::int64_t end, const std::string& reason);

 private:
  explicit FileIndex(std::string path) : path_(std::move(path)) {}
  Status load(const std::string& text);
  Status append(const std::string& line) const;

  std::string path_;
  std::vector<IndexedFile> files_;
};

}  // namespace penstock::files
