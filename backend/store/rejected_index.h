#pragma once

// The rows that were rejected: in quarantine (an expectation failed) or dead letters (could not be processed), with the
// bytes they came as, so that they can be looked at and redriven.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/position.h"
#include "store/database.h"

namespace penstock {

struct RejectedRow {
  std::string id;               // "<stream>/<source>/<partition>/<offset>/<hop>"; empty on insert: made from the fields
  std::string stream;
  std::string table;            // "quarantine", "dead_letters"
  std::string step;
  std::string expectation;      // empty in dead letters
  std::string reason;
  std::string key;              // for people
  std::string source;           // value of `_source`
  Position position;
  std::int64_t source_time = 0; // micros
  std::int64_t rejected_at = 0; // micros
  std::int32_t hop = 0;         // times redriven before
  std::string status = "open";  // open, redriven, discarded
  std::string command_id;       // that redrove or discarded it
  std::string values;           // JSON object of the rejected row's columns; may be empty
  std::int64_t raw_bytes = 0;   // size as it came; set on insert
};

struct RejectedDetail {
  RejectedRow row;
  std::string raw;              // as it came, at most kMaxRawBytes
  std::string key;              // raw bytes
  std::string headers;          // JSON
};

// Which rows: a filter with exceptions, so that "all but 3" needs no list of all.
struct RejectedFilter {
  std::string stream;           // empty: all
  std::string table;            // empty: both
  std::string expectation;      // empty: all
  std::int64_t from_time = 0;   // rejected_at, inclusive; 0: open
  std::int64_t to_time = 0;     // exclusive; 0: open
  std::string text;             // substring of key or reason, case-insensitive (ASCII)
  std::string status;           // empty: "open"; "all": any
  std::vector<std::string> only_ids;    // just these
  std::vector<std::string> except_ids;  // all but these
};

enum class RejectedOrder { time, key, reason };     // time: newest first

// Thread-safe. The database outlives it.
class RejectedIndex {
 public:
  static constexpr std::int64_t kMaxRawBytes = 16 << 20;

  explicit RejectedIndex(Database& database) : database_(database) {}

  static std::string id_of(const RejectedRow& row);

  // In one transaction. Rows whose id is known are left as they are, so that an epoch may be indexed again; answers
  // how many were new. Raw bytes beyond kMaxRawBytes are cut (raw_bytes tells the whole size).
  Result<std::int64_t> insert(std::span<const RejectedDetail> rows);

  Result<std::int64_t> count(const RejectedFilter& filter) const;
  Result<std::vector<RejectedRow>> page(const RejectedFilter& filter, RejectedOrder order, std::int64_t offset, std::int32_t limit) const;
  Result<std::optional<RejectedDetail>> get(const std::string& id) const;
  // Up to `limit` rows with their bytes, in the order they were inserted, after `cursor` (0 first; moved on). For a redrive.
  Result<std::vector<RejectedDetail>> read(const RejectedFilter& filter, std::int64_t& cursor, std::int32_t limit) const;

  // Marks those that are open as redriven or discarded by a command; answers how many changed. The same command
  // again changes nothing.
  Result<std::int64_t> mark(const RejectedFilter& filter, const std::string& status, const std::string& command_id);
  // Makes what a failed command had marked open again.
  Result<std::int64_t> reopen(const std::string& command_id);

 private:
  Database& database_;
};

}  // namespace penstock
