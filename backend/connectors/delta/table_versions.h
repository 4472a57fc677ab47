#pragma once

// What single versions of a table have added, for who follows it (PROTOCOL.md, "Delta Log Entries").

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/delta/actions.h"
#include "connectors/delta/snapshot.h"

namespace penstock::delta {

// A row of a table by where it was added, as a whole number that grows from row to row:
//
//   version (30 bits) · 0: a row of the whole table at that version, 1: a row that it added (1 bit) · row (32 bits)
//
// The rows of a version are counted through its files in the order of its log entry; those of the whole table through
// files_in_order().
struct TablePosition {
  std::int64_t version = 0;
  bool whole_table = false;
  std::int64_t row = 0;

  std::int64_t to_offset() const { return version << 33 | (whole_table ? 0 : std::int64_t{1} << 32) | row; }
  static TablePosition of(std::int64_t offset) {
    return {offset >> 33, (offset >> 32 & 1) == 0, offset & ((std::int64_t{1} << 32) - 1)};
  }
  TablePosition next_version() const { return {version + 1, false, 0}; }
  bool operator==(const TablePosition&) const = default;
};

struct AddedRows {
  std::vector<AddFile> files;                // with new rows, in the order of the log entry
  std::string change;                        // "DELETE takes rows away"; empty: rows were only added
  std::vector<Action> metadata;              // Protocol and Metadata
};

// Error: not_found when the log does not hold the version (any more, or yet); data_loss.
Result<AddedRows> added_rows(const std::string& log_folder, std::int64_t version);

// The files of a table, oldest rows first as far as their statistics and times tell.
std::vector<AddFile> files_in_order(const Snapshot& snapshot);

// The newest version that the log holds; -1 where there is none.
Result<std::int64_t> newest_version(const std::string& log_folder);

// Whether the log holds every version from 0 on, each has only added rows, and all of their files are there: then the table can
// be read as it grew.
Result<bool> has_whole_history(const std::string& table_folder);

}  // namespace penstock::delta
