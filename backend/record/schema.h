#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/arrow.h"

namespace penstock {

// The column types that flow through a stream. Nested JSON travels as `json` (text): SQL takes it apart.
enum class TypeKind : std::uint8_t {
  boolean,    // Arrow "b", one bit
  int32,      // "i"
  int64,      // "l"
  float64,    // "g"
  decimal,    // "d:P,S", 128 bit
  varchar,    // "u", UTF-8
  json,       // "u", UTF-8 text that is JSON
  blob,       // "z"
  date,       // "tdD", days since 1970-01-01
  timestamp,  // "tsu:UTC", microseconds since 1970-01-01T00:00:00Z
};

// Bytes of one value of a fixed-width column; 0 for boolean (bits) and for those of variable length.
constexpr std::size_t fixed_width(TypeKind kind) {
  switch (kind) {
    case TypeKind::int32:
    case TypeKind::date: return 4;
    case TypeKind::int64:
    case TypeKind::float64:
    case TypeKind::timestamp: return 8;
    case TypeKind::decimal: return 16;
    default: return 0;
  }
}
constexpr bool is_variable(TypeKind kind) { return kind == TypeKind::varchar || kind == TypeKind::json || kind == TypeKind::blob; }

struct Type {
  TypeKind kind = TypeKind::varchar;
  std::uint8_t precision = 0;  // decimal only, 1..38
  std::uint8_t scale = 0;      // decimal only

  bool operator==(const Type&) const = default;
  std::string sql_name() const;       // "DECIMAL(18,2)", "TIMESTAMPTZ", … (DuckDB's names)
  std::string arrow_format() const;
};

struct Field {
  std::string name;
  Type type;
  bool nullable = true;

  bool operator==(const Field&) const = default;
};

// Immutable. Names are unique; looked up as written.
class Schema {
 public:
  explicit Schema(std::vector<Field> fields) : fields_(std::move(fields)) {}

  const std::vector<Field>& fields() const { return fields_; }
  std::size_t size() const { return fields_.size(); }
  const Field& operator[](std::size_t column) const { return fields_[column]; }
  std::optional<std::size_t> find(std::string_view name) const;
  bool operator==(const Schema& other) const { return fields_ == other.fields_; }
  std::string to_string() const;      // "event_id VARCHAR, qty INTEGER"

 private:
  std::vector<Field> fields_;
};

using SchemaPtr = std::shared_ptr<const Schema>;

// The Arrow C schema of a struct array with these columns; the caller releases it.
ArrowSchema export_schema(const Schema& schema);
// Reads what DuckDB or another producer exported. Does not release `schema`. Error: unsupported, naming the column.
Result<SchemaPtr> import_schema(const ArrowSchema& schema);

// Columns that every source gives and every landed table keeps (workspace.md, "Sources").
namespace origin {
inline constexpr std::string_view source = "_source";              // varchar: the stream's source name, e.g. topic
inline constexpr std::string_view partition = "_partition";        // int32
inline constexpr std::string_view offset = "_offset";              // int64
inline constexpr std::string_view source_time = "_source_time";    // timestamp
inline constexpr std::string_view ingest_time = "_ingest_time";    // timestamp
inline constexpr std::string_view key = "_key";                    // blob, only until bronze
inline constexpr std::string_view headers = "_headers";            // json, only until bronze
inline constexpr std::string_view raw = "_raw";                    // blob, only until bronze
// int32: the shard that computed a window's row, where the stream has several. It follows as the five do, so that a window
// that comes again takes the place of that shard's rows alone.
inline constexpr std::string_view shard = "_shard";

// The five that follow row-wise SQL unseen, in the order in which they are appended to a table.
const std::vector<Field>& columns();
bool is_origin(std::string_view name);      // one of the five
}  // namespace origin

// What a row of a step that gives changes does to the row of its key (semantics.md, "Append or changes"). Of a removal only
// the key's columns and the origin count. A sink carries the operation out; no target keeps it as a column.
namespace change {
inline constexpr std::string_view op = "_op";       // varchar, one of the three; anything else is an error of the step
inline constexpr std::string_view create = "c";
inline constexpr std::string_view update = "u";
inline constexpr std::string_view remove = "d";
}  // namespace change

}  // namespace penstock
