#include "sql/seed_lookup.h"

#include <algorithm>

#include "sql/session_impl.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr std::size_t kMaxValues = 256;       // each row is compared with all of them

bool is_whole(TypeKind kind) { return kind == TypeKind::int32 || kind == TypeKind::int64; }

// `SELECT column FROM seed` and nothing else: the seed's name and the column's; empty names otherwise.
std::pair<std::string, std::string> plain_lookup(const SqlTree& subquery) {
  const SqlTree& node = subquery["node"];
  const bool plain = is_type(node, "SELECT_NODE") && node["modifiers"].empty() && node["cte_map"]["map"].empty() && node["select_list"].size() == 1 &&
                     is_class(node["select_list"][0], "COLUMN_REF") && is_type(node["from_table"], "BASE_TABLE") && node["from_table"]["sample"].is_null() &&
                     node["from_table"]["at_clause"].is_null() && node["from_table"]["column_name_alias"].empty() && node["where_clause"].is_null() &&
                     node["group_expressions"].empty() && text_of(node, "aggregate_handling") == "STANDARD_HANDLING" && node["having"].is_null() &&
                     node["qualify"].is_null() && node["sample"].is_null();
  if (!plain) return {};
  return {lower_case(table_name_of(node["from_table"])), node["select_list"][0]["column_names"].back().get<std::string>()};
}

// The distinct values as a SQL list, "[1, 2]::BIGINT[]"; empty when that is not allowed.
std::string values_of(Session& session, const std::string& seed, const std::string& column, TypeKind among) {
  const auto rows = session.query("SELECT DISTINCT " + quote_name(column) + " FROM " + quote_name(seed.substr(0, seed.find('.'))) + "." +
                                  quote_name(seed.substr(seed.find('.') + 1)) + " LIMIT " + std::to_string(kMaxValues + 1));
  if (!rows.ok() || rows->empty()) return {};
  const Type type = (*rows->front().schema())[0].type;
  const bool comparable = is_whole(type.kind) ? is_whole(among) : type.kind == TypeKind::varchar && among == TypeKind::varchar;
  if (!comparable) return {};
  std::string list;
  std::size_t count = 0;
  for (const Batch& batch : *rows) {
    const ColumnView values = batch.column(0);
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      if (values.is_null(row) || ++count > kMaxValues) return {};
      list += (list.empty() ? "" : ", ") + (is_whole(type.kind) ? values.to_text(row) : quote_text(values.bytes(row)));
    }
  }
  return "[" + list + "]::" + type.sql_name() + "[]";
}

}  // namespace

bool inline_seed_lookups(SqlTree& tree, Session& session, const Schema& columns) {
  bool replaced = false;
  walk<SqlTree>(tree, [&](SqlTree& object) {
    if (!is_class(object, "SUBQUERY") || text_of(object, "subquery_type") != "ANY" || text_of(object, "comparison_type") != "COMPARE_EQUAL") return true;
    const auto [seed, column] = plain_lookup(object["subquery"]);
    if (!session.impl().seeds.contains(seed) || !is_class(object["child"], "COLUMN_REF")) return true;
    const auto looked_up = object["child"]["column_names"].back().get<std::string>();
    const auto field = std::find_if(columns.fields().begin(), columns.fields().end(), [&](const Field& one) { return same_name(one.name, looked_up); });
    if (field == columns.fields().end()) return true;
    const std::string values = values_of(session, seed, column, field->type.kind);
    SqlError error;
    auto contains = values.empty() ? std::nullopt : parse_select(session, "SELECT list_contains(" + values + ", NULL)", error);
    if (!contains) return true;
    SqlTree call = std::move((*contains)["node"]["select_list"][0]);
    call["children"][1] = std::move(object["child"]);
    call["alias"] = object["alias"];
    object = std::move(call);
    replaced = true;
    return false;
  });
  return replaced;
}

}  // namespace penstock
