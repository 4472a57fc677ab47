#include "store/rejected_filter_sql.h"

#include <charconv>
#include <optional>

#include "store/rejected_keys.h"

namespace penstock {
namespace {

constexpr const char* kStatuses[] = {"open", "redriven", "discarded"};

// "<stream>/<source>/<partition>/<offset>/<hop>", where only the source may hold slashes.
struct IdParts {
  std::string_view stream, source;
  std::int64_t partition = 0, offset = 0, hop = 0;
};

bool take_number_from_end(std::string_view& text, std::int64_t& number) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failed != std::errc() || end != digits.data() + digits.size()) return false;
  text = text.substr(0, slash);
  return true;
}

std::optional<IdParts> parts_of(std::string_view id) {
  IdParts parts;
  if (!take_number_from_end(id, parts.hop) || !take_number_from_end(id, parts.offset) || !take_number_from_end(id, parts.partition)) return std::nullopt;
  const auto slash = id.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  parts.stream = id.substr(0, slash);
  parts.source = id.substr(slash + 1);
  return parts;
}

// The rows' numbers as a JSON list, which json_each() takes as one parameter however many there are.
Result<std::string> numbers_of(Database& database, const std::vector<std::string>& ids) {
  std::string list = "[";
  for (const std::string& id : ids) {
    const auto parts = parts_of(id);
    if (!parts) continue;
    PENSTOCK_ASSIGN(auto query, database.query("SELECT number FROM rejected WHERE stream = ? AND source = ? AND partition = ? AND offset = ? AND hop = ?",
                                               {parts->stream, parts->source, parts->partition, parts->offset, parts->hop}));
    PENSTOCK_ASSIGN(const bool found, query.next());
    if (!found) continue;
    if (list.size() > 1) list += ',';
    list += std::to_string(query.integer(0));
  }
  return list + "]";
}

// Their ids as a SQL list; empty: none.
Result<std::string> kinds_with_reason(Database& database, const std::string& text) {
  PENSTOCK_ASSIGN(auto query, database.query("SELECT id FROM rejected_kind WHERE contains_text(reason, ?)", {text}));
  std::string list;
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return list;
    list += (list.empty() ? "" : ",") + std::to_string(query.integer(0));
  }
}

}  // namespace

int code_of_rejected_status(const std::string& status) {
  for (int code = 0; code < 3; ++code)
    if (status == kStatuses[code]) return code;
  return -1;
}

const char* name_of_rejected_status(std::int64_t code) { return code >= 0 && code < 3 ? kStatuses[code] : "open"; }

Result<RejectedFilterSql> RejectedFilterSql::make(Database& database, const RejectedFilter& filter) {
  RejectedFilterSql sql;
  if (filter.status != "all") {
    const int code = filter.status.empty() ? 0 : code_of_rejected_status(filter.status);
    if (code < 0) return Error(ErrorKind::invalid_argument, "unknown status '" + filter.status + "'", "use open, redriven, discarded or all");
    sql.also("status = ?");
    sql.bind(code);
  }
  if (!filter.stream.empty() || !filter.table.empty() || !filter.expectation.empty()) {
    sql.also("kind IN (SELECT id FROM rejected_kind WHERE (? = '' OR stream = ?) AND (? = '' OR table_name = ?) AND (? = '' OR expectation = ?))");
    for (const std::string* text : {&filter.stream, &filter.table, &filter.expectation}) {
      sql.bind(*text);
      sql.bind(*text);
    }
  }
  if (filter.from_time != 0) {
    sql.also("rejected_at >= ?");
    sql.bind(filter.from_time);
  }
  if (filter.to_time != 0) {
    sql.also("rejected_at < ?");
    sql.bind(filter.to_time);
  }
  if (!filter.text.empty()) {
    // Kinds are few: asked first, and left out where none is meant, they cost the scan of a million keys nothing.
    PENSTOCK_ASSIGN(const std::string kinds, kinds_with_reason(database, filter.text));
    std::optional<std::string> numbers;
    if (kinds.empty()) {
      PENSTOCK_ASSIGN(numbers, rejected_with_key(database, filter.text));
    }
    if (numbers) {
      sql.is_few_ = true;
      sql.also("number IN (SELECT value FROM json_each(?))");
      sql.bind(std::move(*numbers));
    }
    sql.also(kinds.empty() ? "contains_text(key_text, ?)" : "(contains_text(key_text, ?) OR kind IN (" + kinds + "))");
    sql.bind(filter.text);
  }
  if (!filter.only_ids.empty()) {
    PENSTOCK_ASSIGN(std::string numbers, numbers_of(database, filter.only_ids));
    sql.also("number IN (SELECT value FROM json_each(?))");
    sql.bind(std::move(numbers));
  }
  if (!filter.except_ids.empty()) {
    PENSTOCK_ASSIGN(std::string numbers, numbers_of(database, filter.except_ids));
    sql.also("number NOT IN (SELECT value FROM json_each(?))");
    sql.bind(std::move(numbers));
  }
  return sql;
}

std::vector<SqlValue> RejectedFilterSql::values() const {
  std::vector<SqlValue> values;
  auto text = texts_.begin();
  for (const int index : order_) {
    if (index >= 0) values.emplace_back(numbers_[static_cast<std::size_t>(index)]);
    else values.emplace_back(std::string_view(*text++));
  }
  return values;
}

}  // namespace penstock
