#pragma once

// Values as SQLite keeps them (https://www.sqlite.org/datatype3.html), and names in its SQL.

#include <string>
#include <string_view>
#include <vector>

#include "record/batch.h"
#include "store/database.h"

namespace penstock::sqlite {

// "\"Order\"", with quotes inside doubled. Error: invalid_argument for an empty name, one with a NUL byte, and one that begins
// with "sqlite_", which SQLite keeps for itself.
Result<std::string> quoted_name(std::string_view name);

// The type of a column in a STRICT table.
std::string_view column_type(TypeKind kind);
// Whether a column that was declared so takes our values as they are: SQLite would turn others into what it holds itself.
bool fits(TypeKind kind, std::string_view declared);

// Always with six digits of a second, so that times sort as texts.
std::string time_text(std::int64_t micros);

// The values of one row, with the texts that they point to. Reused row by row.
class RowValues {
 public:
  void clear();
  void append(const ColumnView& column, std::int64_t row);
  const std::vector<SqlValue>& values();

 private:
  struct Text {
    std::size_t value;
    std::string text;
  };
  std::vector<SqlValue> values_;
  std::vector<Text> texts_;
};

}  // namespace penstock::sqlite
