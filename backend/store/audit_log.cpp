#include "store/audit_log.h"

namespace penstock {
namespace {

AuditEntry entry_of(const Query& row) {
  AuditEntry entry;
  entry.command_id = row.text(0);
  entry.who = row.text(1);
  entry.at = row.integer(2);
  entry.action = row.text(3);
  entry.target = row.text(4);
  entry.why = row.text(5);
  entry.touches = row.text(6);
  entry.outcome = row.text(7);
  entry.failed = row.integer(8) != 0;
  entry.ended_at = row.integer(9);
  return entry;
}

#define AUDIT_COLUMNS "command_id, who, at, action, target, why, touches, outcome, failed, ended_at"
#define AUDIT_MATCHES "contains_text(who || char(10) || action || char(10) || target || char(10) || why, ?1)"

}  // namespace

Result<std::optional<AuditEntry>> AuditLog::begin(const AuditEntry& entry) {
  if (entry.command_id.empty()) return Error(ErrorKind::invalid_argument, "a command needs an id");
  PENSTOCK_ASSIGN(auto transaction, Transaction::begin(database_));
  PENSTOCK_ASSIGN(auto earlier, find(entry.command_id));
  if (earlier) {
    if (earlier->action != entry.action || earlier->target != entry.target)
      return Error(ErrorKind::invalid_argument,
                   "the command id " + entry.command_id + " was used for '" + earlier->action + " " + earlier->target + "'", "send a new id");
    return earlier;
  }
  PENSTOCK_TRY(database_.run("INSERT INTO audit (command_id, who, at, action, target, why, touches) VALUES (?, ?, ?, ?, ?, ?, ?)",
                             {entry.command_id, entry.who, entry.at, entry.action, entry.target, entry.why, entry.touches}));
  PENSTOCK_TRY(transaction.commit());
  return std::optional<AuditEntry>();
}

Status AuditLog::end(const std::string& command_id, const std::string& outcome, bool failed, std::int64_t at) {
  const auto lock = database_.lock();
  PENSTOCK_TRY(database_.run("UPDATE audit SET outcome = ?, failed = ?, ended_at = ? WHERE command_id = ? AND ended_at = 0",
                             {outcome, std::int64_t{failed}, at, command_id}));
  if (database_.rows_changed() > 0) return {};
  PENSTOCK_ASSIGN(const auto entry, find(command_id));
  if (!entry) return Error(ErrorKind::not_found, "no command has the id " + command_id);
  return {};
}

Status AuditLog::close_interrupted(const std::string& outcome, std::int64_t at) {
  const auto lock = database_.lock();
  return database_.run("UPDATE audit SET outcome = ?, failed = 1, ended_at = ? WHERE ended_at = 0", {outcome, at});
}

Result<std::optional<AuditEntry>> AuditLog::find(const std::string& command_id) const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(auto query, database_.query("SELECT " AUDIT_COLUMNS " FROM audit WHERE command_id = ?", {command_id}));
  PENSTOCK_ASSIGN(const bool found, query.next());
  return found ? std::optional(entry_of(query)) : std::nullopt;
}

Result<AuditPage> AuditLog::list(const std::string& text, std::int64_t offset, std::int32_t limit) const {
  const auto lock = database_.lock();
  AuditPage page;
  {
    PENSTOCK_ASSIGN(auto query, database_.query("SELECT count(*) FROM audit WHERE " AUDIT_MATCHES, {text}));
    PENSTOCK_TRY(query.next());
    page.total = query.integer(0);
  }
  PENSTOCK_ASSIGN(auto query, database_.query("SELECT " AUDIT_COLUMNS " FROM audit WHERE " AUDIT_MATCHES " ORDER BY number DESC LIMIT ?2 OFFSET ?3",
                                              {text, std::int64_t{limit}, offset}));
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return page;
    page.entries.push_back(entry_of(query));
  }
}

}  // namespace penstock
