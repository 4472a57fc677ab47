#pragma once

// Values as PostgreSQL writes them in text, and as our changes carry them in JSON.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connectors/postgres/pg_connection.h"

namespace penstock::postgres {

// How a type is written, domains taken for what they are over.
struct ValueType {
  enum class Kind { text, boolean, number, real, json, timestamp, timestamptz, bytes, date, array };
  Kind kind = Kind::text;
  std::uint32_t oid = 0;           // of the type below a domain
  std::shared_ptr<const ValueType> element;      // of an array
};

// Types by oid; what is not known is asked once. Made and used by one thread.
class ValueTypes {
 public:
  // Asks for those of `oids` that are not known.
  Status learn(Connection& connection, const std::vector<std::uint32_t>& oids);
  // Text, where it was not learnt.
  const ValueType& find(std::uint32_t oid) const;

 private:
  std::map<std::uint32_t, ValueType> types_;
};

// Appends the value: numbers as numbers with all their digits; NaN and infinities, in numbers and times, as texts; times as
// ISO 8601 (those without a zone are taken to be UTC); bytes in base64; arrays as lists, of lists where they have dimensions;
// json as a text that holds it, as Debezium does; all else (ranges, uuid, intervals, …) as PostgreSQL writes it.
void append_json_value(const ValueType& type, std::string_view text, std::string& out);

// What a contract says of such a column (JSON Schema): decimals with their digits.
std::string json_schema_of(const ValueType& type, std::int32_t modifier);

}  // namespace penstock::postgres
