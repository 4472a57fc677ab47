// Any two texts as versions of a contract, split at the first empty line: compared or refused, never a crash, never for ever; and
// what can be read by itself at all reads itself.

#include <cstdint>
#include <cstdlib>

#include "connectors/avro/avro_compatibility.h"
#include "fuzz/planted_crash.h"
#include "io/json_schema_compatibility.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t split = text.find("\n\n");
  const std::string_view first = text.substr(0, split), second = split == std::string_view::npos ? first : text.substr(split + 2);
  const auto compared = json_schema_incompatibilities(second, first);
  if (compared.ok() && first == second && !compared->empty()) std::abort();
  const auto was = avro::AvroSchema::parse(first, "first"), is = avro::AvroSchema::parse(second, "second");
  if (was.ok() && is.ok() && !avro_incompatibilities(**is, **was).empty() && first == second) std::abort();
  return 0;
}
