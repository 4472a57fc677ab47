#pragma once

// Places in PostgreSQL's log, and the positions that we make of them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::postgres {

using Lsn = std::uint64_t;      // a byte of the log

std::string lsn_text(Lsn lsn);                              // "16/B374D848"
std::optional<Lsn> parse_lsn(std::string_view text);

// A change of a transaction, as an offset that rises in the order in which changes are committed: where the transaction's commit
// begins in the log, and which of its changes it is. The first 32,768 have an offset each, later ones 8,192 together, so that a
// transaction may have 268 million. A log beyond a pebibyte has no offsets.
struct ChangePlace {
  static constexpr int kIndexBits = 16;
  static constexpr std::int64_t kAlone = 32'768, kTogether = 8'192;
  static constexpr Lsn kMaxLsn = (Lsn{1} << 50) - 1;

  Lsn commit = 0;
  std::int64_t group = 0;          // of changes that have one offset

  static std::int64_t group_of(std::int64_t change) { return change < kAlone ? change : kAlone + (change - kAlone) / kTogether; }
  // Whether the next change of the transaction has the same offset: both must be taken together.
  static bool ends_group(std::int64_t change) { return group_of(change) != group_of(change + 1); }
  static ChangePlace of_offset(std::int64_t offset) {
    return {static_cast<Lsn>(offset >> kIndexBits) << 3, offset & ((std::int64_t{1} << kIndexBits) - 1)};
  }
  std::int64_t offset() const { return static_cast<std::int64_t>(commit >> 3) << kIndexBits | group; }
};

}  // namespace penstock::postgres
