#pragma once

// A Delta table as a stream: the rows that its versions added, in the order of its log.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/delta/log.h"
#include "connectors/delta/table_versions.h"
#include "io/parquet.h"
#include "io/source.h"

namespace penstock {

struct DeltaAppendOptions {
  std::string folder;                           // of the table, absolute
  std::string name;                             // `_source`: what the workspace calls the table
  bool from_head = false;                       // a first start takes only what comes from then on
  std::optional<std::int64_t> start_version;    // a first start begins with the rows that this version added
  bool skip_changes = false;                    // versions that take rows away or change them are passed over
  bool watch = true;                            // false: the versions that are there when it is assigned, then it has ended
  std::chrono::microseconds every = std::chrono::milliseconds(250);
};

// One partition, 0; positions are TablePosition. A record is a row as io/row_json.h writes it, without the columns of its own
// origin; its time is its `_source_time`, else that of its file; `_key` and `_headers` are the record's.
//
// A first start begins at version 0 where the table was only ever appended to and all of that is still there; else with the
// whole table as it is then, and goes on with the next version. Versions that only arrange rows anew give none. A version that takes
// rows away or changes them is failed_precondition, unless it is to be skipped. Versions that can no longer be read are
// data_loss once, which names them all; then it goes on behind them.
class DeltaAppendSource final : public Source {
 public:
  DeltaAppendSource(DeltaAppendOptions options, Parquet* parquet);

  std::string name() const override { return options_.name; }
  bool finite() const override { return !options_.watch; }
  bool starts_at_head() const override { return options_.from_head; }
  SchemaPtr columns() override;
  Result<std::vector<PartitionRange>> partitions() override;
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override;
  std::vector<std::int32_t> behind() const override;
  Positions reached() const override;

 private:
  struct DataFile {
    delta::AddFile add;
    std::int64_t rows = 0;
  };

  std::string log_folder() const { return options_.folder + "/_delta_log"; }
  // Protocol and metadata as they are now; false where there is no table yet.
  Result<bool> know_table();
  Status take_metadata(const std::vector<delta::Action>& actions);
  // Opens what holds the next row; false where nothing is there yet.
  Result<bool> open_next();
  Status begin();
  Result<bool> open_whole_table();
  Result<bool> open_version();
  // The version is not in the log: is it still to come?
  Result<bool> await_version();
  Result<std::vector<DataFile>> counted(std::vector<delta::AddFile> files) const;
  Status read_some(RawBatch& out, const PollLimits& limits);
  // Gives out the rows and goes on behind them; `file_time` is for those without a time, in microseconds.
  void give(const Batch& rows, std::int64_t file_time, RawBatch& out);
  bool has_ended() const;
  // What was asked for is gone: names all versions from there on that are, and makes the next poll go on behind them.
  Error lost(const std::string& why);
  bool is_readable(std::int64_t version) const;

  // Constant after construction.
  const DeltaAppendOptions options_;
  Parquet* const parquet_;

  delta::Snapshot table_;                      // its protocol and metadata; version -1: not known yet
  SchemaPtr data_;                             // columns of a record
  SchemaPtr read_;                             // those, then what else of a row is looked at
  std::optional<delta::TablePosition> at_;     // of the next row; none: a first start that has not begun
  std::optional<std::int64_t> until_;          // offset
  std::optional<std::int64_t> last_version_;   // of a source that is not watched
  std::optional<delta::TablePosition> behind_loss_;
  std::vector<DataFile> files_;                // of at_'s version, when it is open
  bool open_ = false;
  bool more_ = false;                          // the last poll left something
  std::int64_t span_ = 4'096;                  // rows asked for at once
};

}  // namespace penstock
