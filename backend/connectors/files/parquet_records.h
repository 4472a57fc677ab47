#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connectors/files/record_reader.h"
#include "io/parquet.h"

namespace penstock::files {

// The rows of a Parquet file, each a record as io/row_json.h writes it; its offset is its number. Used by one thread.
class ParquetRecords final : public FileRecords {
 public:
  // `parquet` outlives it. Errors: not_found; data_loss for what is no Parquet file.
  static Result<std::unique_ptr<ParquetRecords>> open(const std::string& path, Parquet& parquet);

  const SchemaPtr& columns() const { return columns_; }
  // Errors: data_loss when the file is replaced while it is read, or damaged.
  Result<std::optional<FileRecord>> next() override;
  void seek(std::int64_t offset) override;

 private:
  ParquetRecords(std::string path, Parquet& parquet, ParquetLook look);
  Status fill();

  // Constant after construction.
  const std::string path_;
  Parquet& parquet_;
  const SchemaPtr columns_;
  const std::int64_t rows_;
  std::filesystem::file_time_type changed_;

  std::vector<std::string> records_;     // from first_ on
  std::int64_t first_ = 0;
  std::int64_t next_ = 0;
};

}  // namespace penstock::files
