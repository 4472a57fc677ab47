#include "sql/sql_tree.h"

#include <charconv>
#include <limits>

#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();

// The single text that `sql` gives.
Result<std::string> single_text(Session& session, const std::string& sql) {
  PENSTOCK_ASSIGN(const auto rows, session.query(sql));
  if (rows.empty() || rows.front().column(0).is_null(0)) return Error(ErrorKind::internal, "DuckDB gave no text");
  return std::string(rows.front().column(0).bytes(0));
}

SqlError not_one_select() {
  return {.kind = ErrorKind::invalid_argument, .message = "exactly one SELECT is expected here"};
}

}  // namespace

std::optional<SqlTree> parse_select(Session& session, const std::string& sql, SqlError& error) {
  const auto text = single_text(session, "SELECT json_serialize_sql(" + quote_text(sql) + ")");
  if (!text.ok()) {
    error = {.kind = text.error().kind, .message = text.error().message};
    return std::nullopt;
  }
  auto tree = SqlTree::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!tree.is_object() || !tree.contains("statements")) {
    if (text_of(tree, "error_type") != "parser") {
      error = not_one_select();
      return std::nullopt;
    }
    error = {.kind = ErrorKind::invalid_argument, .message = text_of(tree, "error_message")};
    const std::string position = text_of(tree, "position");
    std::size_t offset = 0;
    if (std::from_chars(position.data(), position.data() + position.size(), offset).ec == std::errc()) error.offset = offset;
    return std::nullopt;
  }
  if (tree["statements"].size() != 1) {
    error = not_one_select();
    return std::nullopt;
  }
  return std::move(tree["statements"][0]);
}

Result<std::string> to_sql(Session& session, const SqlTree& statement) {
  const SqlTree tree{{"error", false}, {"statements", SqlTree::array({statement})}};
  return single_text(session, "SELECT json_deserialize_sql(" + quote_text(tree.dump()) + "::JSON)");
}

std::string text_of(const SqlTree& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::size_t> offset_of(const SqlTree& object) {
  const auto found = object.find("query_location");
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto offset = found->get<std::uint64_t>();
  return offset == kNowhere ? std::nullopt : std::optional<std::size_t>(offset);
}

std::string table_name_of(const SqlTree& base_table) {
  const std::string schema = text_of(base_table, "schema_name");
  return (schema.empty() ? "" : schema + ".") + text_of(base_table, "table_name");
}

SqlTree make_column(const std::string& relation, const std::string& name) {
  return {{"class", "COLUMN_REF"}, {"type", "COLUMN_REF"}, {"alias", ""},
          {"query_location", kNowhere}, {"column_names", SqlTree::array({relation, name})}};
}

SqlTree make_scan(const std::string& function, const std::string& alias, const SqlTree& column_aliases) {
  const SqlTree call{{"class", "FUNCTION"}, {"type", "FUNCTION"}, {"alias", ""}, {"query_location", kNowhere},
                     {"function_name", function}, {"schema", ""}, {"children", SqlTree::array()}, {"filter", nullptr},
                     {"order_bys", {{"type", "ORDER_MODIFIER"}, {"orders", SqlTree::array()}}}, {"distinct", false},
                     {"is_operator", false}, {"export_state", false}, {"catalog", ""}};
  return {{"type", "TABLE_FUNCTION"}, {"alias", alias}, {"sample", nullptr}, {"query_location", kNowhere},
          {"function", call}, {"column_name_alias", column_aliases}, {"with_ordinality", "WITHOUT_ORDINALITY"}};
}

}  // namespace penstock
