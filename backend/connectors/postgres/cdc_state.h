#pragma once

// What a source of changes remembers beside its positions: its slot, how its snapshot is divided, how far the server was told that
// it may forget.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connectors/postgres/lsn.h"

namespace penstock::postgres {

// Blocks of the table that one session copies; partition 1 is the first range. Its rows have offsets from 0 on.
struct SnapshotRange {
  std::int64_t first_block = 0;
  std::optional<std::int64_t> end_block;     // none: to the table's end
  std::optional<std::int64_t> end;           // offset behind its last row, once it was read whole
};

struct CdcState {
  std::string slot;
  bool creating = false;                     // the slot was about to be made: whether it is there is not known
  Lsn begin = 0;                             // where the slot begins, and the snapshot was taken
  Lsn confirmed = 0;                         // the server may have been told so
  std::vector<SnapshotRange> ranges;

  // None where there is no such file. Error: data_loss for one that cannot be understood.
  static Result<std::optional<CdcState>> load(const std::string& path);
  // Synced, in one piece. An empty path keeps nothing.
  Status save(const std::string& path) const;
};

}  // namespace penstock::postgres
