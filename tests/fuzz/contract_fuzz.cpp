// Any bytes as a contract file: a contract with columns, or an error that says where.

#include <cstdint>
#include <cstdlib>

#include "fuzz/planted_crash.h"
#include "io/avro_contract.h"
#include "io/json_schema_contract.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto contract = data[0] & 1 ? parse_avro_contract(text, "contract") : parse_json_schema_contract(text, "contract");
  if (contract.ok() ? contract->fields.empty() : contract.error().where.empty()) std::abort();
  return 0;
}
