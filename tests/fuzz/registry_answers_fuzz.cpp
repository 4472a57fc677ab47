// Any bytes as the answer of a schema registry, or as a schema that was kept: read or refused, never a crash; what was read
// can be kept and is the same again.

#include <cstdint>
#include <cstdlib>

#include "connectors/registry/registry_answers.h"
#include "fuzz/planted_crash.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (registry_refusal(404, body, "schema 1").message.empty()) std::abort();
  const auto kept = parse_kept_schema(body);
  if (const auto answer = parse_registry_answer(body); answer.ok()) {
    const auto again = parse_kept_schema(kept_schema_text(answer->schema));
    if (!again.ok() || again->text != answer->schema.text || again->language != answer->schema.language) std::abort();
  }
  if (kept.ok() && kept->text.size() > size) std::abort();
  return 0;
}
