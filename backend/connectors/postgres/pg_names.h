#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::postgres {

// "\"Order\"", with quotes inside doubled. Error: invalid_argument for a name that PostgreSQL cannot hold: empty,
// longer than 63 bytes (it would cut it silently), or with a NUL byte.
Result<std::string> quoted_name(std::string_view name);

// "schema.table", or "table" in schema public.
struct TableName {
  std::string schema = "public";
  std::string table;

  static Result<TableName> parse(std::string_view text);
  std::string quoted() const;                     // "\"gold\".\"sales\""
  std::string sibling(std::string_view table) const;   // another table of the same schema, quoted
};

}  // namespace penstock::postgres
