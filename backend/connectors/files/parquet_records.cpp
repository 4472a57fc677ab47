#include "connectors/files/parquet_records.h"

#include <algorithm>
#include <numeric>

#include "io/row_json.h"

namespace penstock::files {
namespace {

constexpr std::int64_t kRowsAtOnce = 4'096;

}  // namespace

Result<std::unique_ptr<ParquetRecords>> ParquetRecords::open(const std::string& path, Parquet& parquet) {
  PENSTOCK_ASSIGN(ParquetLook look, parquet.look(path));
  return std::unique_ptr<ParquetRecords>(new ParquetRecords(path, parquet, std::move(look)));
}

ParquetRecords::ParquetRecords(std::string path, Parquet& parquet, ParquetLook look)
    : path_(std::move(path)), parquet_(parquet), columns_(std::move(look.columns)), rows_(look.rows) {
  std::error_code failed;
  changed_ = std::filesystem::last_write_time(path_, failed);
}

void ParquetRecords::seek(std::int64_t offset) {
  next_ = std::clamp<std::int64_t>(offset, 0, rows_);
  first_ = next_;
  records_.clear();
}

Result<std::optional<FileRecord>> ParquetRecords::next() {
  if (next_ == rows_) return std::optional<FileRecord>();
  if (next_ == first_ + static_cast<std::int64_t>(records_.size())) PENSTOCK_TRY(fill());
  const std::string& record = records_[static_cast<std::size_t>(next_ - first_)];
  const std::int64_t row = next_++;
  return std::optional(FileRecord{.bytes = record, .offset = row, .line = row + 1});
}

Status ParquetRecords::fill() {
  first_ = next_;
  records_.clear();
  std::vector<std::size_t> columns(columns_->size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  const std::int64_t wanted = std::min(kRowsAtOnce, rows_ - first_);
  PENSTOCK_TRY(parquet_.read_range({.path = path_, .first_row = first_, .rows = wanted}, columns_, [&](const Batch& rows) -> Status {
    for (std::int64_t row = 0; row < rows.rows(); ++row) append_row_json(rows, row, columns, records_.emplace_back(), NotFinite::as_text);
    return {};
  }));
  std::error_code failed;
  if (std::filesystem::last_write_time(path_, failed) != changed_ || failed) return Error(ErrorKind::data_loss, "the file was replaced while it was being read", "", path_);
  if (static_cast<std::int64_t>(records_.size()) != wanted) return Error(ErrorKind::data_loss, "the file holds fewer rows than it says", "", path_);
  return {};
}

}  // namespace penstock::files
