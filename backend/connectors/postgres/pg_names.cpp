#include "connectors/postgres/pg_names.h"

namespace penstock::postgres {
namespace {

constexpr std::size_t kMaxNameBytes = 63;   // NAMEDATALEN - 1

std::string quote(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace

Result<std::string> quoted_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || name.find('\0') != std::string_view::npos)
    return Error(ErrorKind::invalid_argument, "'" + std::string(name) + "' cannot be a name in PostgreSQL", "names have 1 to 63 bytes");
  return quote(name);
}

Result<TableName> TableName::parse(std::string_view text) {
  TableName name;
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) {
    name.table = text;
  } else {
    name.schema = text.substr(0, dot);
    name.table = text.substr(dot + 1);
    if (name.table.find('.') != std::string::npos)
      return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "' is not the name of a table", "write it as schema.table");
  }
  PENSTOCK_TRY(quoted_name(name.schema));
  PENSTOCK_TRY(quoted_name(name.table));
  return name;
}

std::string TableName::quoted() const { return sibling(table); }
std::string TableName::sibling(std::string_view other) const { return quote(schema) + "." + quote(other); }

}  // namespace penstock::postgres
