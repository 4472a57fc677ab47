#pragma once

// Who did what. A command is written before it runs and its outcome after it; a command id runs once.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace penstock {

struct AuditEntry {
  std::string command_id;
  std::string who;
  std::int64_t at = 0;          // micros
  std::string action;           // "reset pod"
  std::string target;           // "loyalty-0"
  std::string why;
  std::string touches;          // what it was about to touch
  std::string outcome;          // empty while it runs
  bool failed = false;
  std::int64_t ended_at = 0;    // micros; 0 while it runs
};

struct AuditPage {
  std::vector<AuditEntry> entries;      // newest first
  std::int64_t total = 0;               // that the text matches
};

// Thread-safe. The database outlives it.
class AuditLog {
 public:
  explicit AuditLog(Database& database) : database_(database) {}

  // Empty: the command is new, is written now (durably) and may run. Otherwise the entry of the first time, with its
  // outcome; its outcome is empty when the first one still runs, or died with its engine.
  // invalid_argument: no id, or the id was used for another action or target.
  Result<std::optional<AuditEntry>> begin(const AuditEntry& entry);
  // The first outcome stays. not_found: begin() was not called.
  Status end(const std::string& command_id, const std::string& outcome, bool failed, std::int64_t at);
  // Call once at start, before any begin(): commands without an outcome cannot be running any more.
  Status close_interrupted(const std::string& outcome, std::int64_t at);

  Result<std::optional<AuditEntry>> find(const std::string& command_id) const;
  // `text`: substring of who, action, target or why, case-insensitive; empty: all.
  Result<AuditPage> list(const std::string& text, std::int64_t offset, std::int32_t limit) const;

 private:
  Database& database_;
};

}  // namespace penstock
