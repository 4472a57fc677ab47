#pragma once

// A table's schema as Delta writes it: JSON of nested structs (PROTOCOL.md, "Schema Serialization Format").
// Columns are written nullable: Delta makes a writer enforce `nullable: false`, and contracts do that before.

#include <string>
#include <vector>

#include "record/schema.h"

namespace penstock::delta {

std::string to_schema_string(const Schema& schema);

// One column of any table, also of types that Penstock has no column for.
struct TableColumn {
  std::string name;
  std::string type;                             // "long", "decimal(18,2)", "struct", "array", "map"
  bool nullable = true;
  std::vector<std::string> metadata_keys;       // "delta.invariants", "delta.columnMapping.id", …
};

// Error: data_loss when it is not a struct in JSON.
Result<std::vector<TableColumn>> parse_columns(const std::string& schema_string);

// The columns as Penstock's types. byte and short read as int32, float as float64. Error: unsupported, naming the
// column, for nested and other types.
Result<SchemaPtr> to_schema(const std::vector<TableColumn>& columns);

// The columns of a table whose files Penstock may write anew. Error: unsupported, naming a column that would come out
// as another type (byte, short, float, nested ones).
Result<SchemaPtr> to_writable_schema(const std::string& schema_string);

// "long", "decimal(18,2)", … A json column is a "string".
std::string delta_type(Type type);

// What has to change so that rows of `rows` fit a table of `columns`: the schema string with new columns behind the
// old ones; empty when nothing has to. Error: failed_precondition when a type differs, a name differs only in case,
// or the table insists on a column that the rows do not have; invalid_argument for a name that Delta cannot hold.
Result<std::string> evolve(const std::string& schema_string, const Schema& rows);

// Error: invalid_argument for a column that cannot stand in a Delta table without column mapping.
Status check_column_names(const Schema& schema);

}  // namespace penstock::delta
