// Any bytes as the schema of a writer whose records are written as Kafka Connect's JSON: what comes of it is JSON, too.

#include <cstdint>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "connectors/avro/avro_translator.h"
#include "fuzz/planted_crash.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  if (!nlohmann::json::accept(connect_schema_of({reinterpret_cast<const char*>(data), size}))) std::abort();
  return 0;
}
