#pragma once

// A row in Debezium's notation, written again as our own JSON decoder reads it: times in microseconds, decimals as digits,
// JSON as JSON.

#include <map>
#include <set>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "connectors/json/debezium_envelope.h"
#include "io/contract.h"

namespace penstock::json {

// How `decimal.handling.mode` of the connector writes decimals where no schema says so.
enum class Decimals { precise, string, number };

// Not thread-safe.
class RowWriter {
 public:
  // `fields`: of the contract; those that it does not know are handed on as they are. Empty: none is known.
  RowWriter(const std::vector<ContractField>& fields, Decimals decimals);

  // Appends the row to `out`. `only`: these fields alone; null: all. False with a sentence that names the field.
  bool write(std::string_view row, const char* readable_end, const Meanings* meanings, const std::set<std::string, std::less<>>* only, std::string& out,
             std::string& fault);

 private:
  bool write_value(const std::string& name, simdjson::ondemand::value& value, const Meanings* meanings, std::string& out, std::string& fault) const;

  std::map<std::string, ContractField, std::less<>> fields_;
  const Decimals decimals_;
  simdjson::ondemand::parser parser_;
};

// A number from its bytes, big-endian and in two's complement, with so many digits behind the point: "-12.34". Empty: it has more
// than 38 digits, or so many behind the point or before it.
std::string decimal_text(std::string_view bytes, int scale);

}  // namespace penstock::json
