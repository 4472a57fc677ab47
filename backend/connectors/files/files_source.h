#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/files/file_index.h"
#include "connectors/files/folder_scanner.h"
#include "connectors/files/record_reader.h"
#include "io/parquet.h"
#include "io/source.h"

namespace penstock::files {

struct FilesConfig {
  ScanRules rules;
  std::string name;                               // `_source`: the folder as the workspace names it
  Framing framing = Framing::lines;
  bool header = true;                             // csv: the first record names the columns
  char delimiter = ',';
  std::int32_t partitions = 1;
  bool watch = true;                              // false: what is there now, then the source has ended
  std::chrono::microseconds every = std::chrono::seconds(1);
  std::int64_t record_max_bytes = 16 << 20;
  std::string state_dir;
  Parquet* parquet = nullptr;                     // outlives the source; for Framing::parquet
  bool again = false;                             // what the index holds is read a second time: nothing is looked for or kept
};

// A folder whose files are read once each, oldest first. A file belongs to the partition that its path's hash says.
// A position is the file's number in its partition's index (file_index.h), then the byte at which a record begins
// after decompression, or the row of a Parquet file; headers are {"columns", "file", "line"}.
//
// A file that grew after it was read is read on from where it ended (unless it is compressed, or Parquet, which is then another file); had it ended within a
// record, that one comes again, whole and torn (RawBatch::Damage). One that was replaced is a new file. A file that cannot be read to its end gives what was read, then one data_loss error that names it,
// is kept as failed in the index, and the next one follows.
class FilesSource final : public Source {
 public:
  FilesSource(FilesConfig config, const Clock& clock);

  std::string name() const override { return config_.name; }
  bool finite() const override { return !config_.watch; }
  // Of Parquet files: those of the one that is read, else of the last that is known.
  SchemaPtr columns() override;
  // Made to read again it only reads the index; each partition then begins at the first file behind which all are as they
  // were read. Else what it finds is written to the index of files, which one object keeps.
  bool observable() const override { return config_.again; }
  Result<std::vector<PartitionRange>> partitions() override;
  // Errors: not_found for an unknown partition; data_loss for a position in a file that the index does not know.
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override;

 private:
  struct Reader {
    std::int32_t partition = 0;
    FileIndex index;
    std::int64_t next = 0;                        // positions below it were given out
    std::optional<std::int64_t> until;
    std::size_t file = 0;                         // the one that is read, or waited for
    std::unique_ptr<FileRecords> records;        // of it, when it is open
    std::string headers_prefix;
  };

  Result<FileIndex> open_index(std::int32_t partition) const;
  std::int64_t earliest_of(const FileIndex& index) const;
  std::string index_path(std::int32_t partition) const;
  std::string path_of(const IndexedFile& file) const;
  std::int32_t partition_of(const std::string& path) const;
  Status look_for_files();
  Status register_file(Reader& reader, FileIdentity file);
  Status read(Reader& reader, const PollLimits& limits, RawBatch& out);
  Result<std::unique_ptr<FileRecords>> open_records(const IndexedFile& entry);
  // Opens the reader's next file that is not read yet, if there is one.
  Status open_next(Reader& reader);
  Status read_header(Reader& reader);
  // The next record of the open file that was not given out; none at the end of what belongs to this entry.
  Result<std::optional<FileRecord>> next_record(Reader& reader);
  // Ends the file that is open, or could not be opened, and goes to the next one. Gives the error that says so.
  Status give_up(Reader& reader, const Error& cause);
  bool has_ended(const Reader& reader) const;

  // Constant after construction.
  FilesConfig config_;
  const Clock& clock_;

  SchemaPtr columns_;
  FolderScanner scanner_;
  std::vector<Reader> readers_;
  std::optional<std::chrono::steady_clock::time_point> scanned_at_;
  std::optional<Error> held_error_;               // waits until the rows before it were given out
  bool waiting_ = false;                          // the last scan saw files that may still be written
};

}  // namespace penstock::files
