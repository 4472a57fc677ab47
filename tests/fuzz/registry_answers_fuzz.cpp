// Any bytes as the answer of a schema registry, or as a schema that was kept: read or refused, never a crash; what was read
// can be kept and is the same again. And as where a redirect sends us: a server's origin and a path, or refused.

#include <cstdint>
#include <cstdlib>

#include "connectors/registry/registry_answers.h"
#include "connectors/registry/registry_place.h"
#include "fuzz/planted_crash.h"

using namespace penstock;

namespace {

void check_redirect(std::string_view location) {
  const auto next = redirected({"https://hub:8081", "/apis/schemas?x"}, location);
  if (!next.ok()) return;
  if (!next->origin.starts_with("https://") || next->origin.find_first_of("@/ \r\n", 8) != std::string::npos) std::abort();
  if (!next->path.starts_with('/') || next->path.find_first_of("#\r\n") != std::string::npos) std::abort();
  const auto again = registry_place(next->origin + next->path);
  if (!again.ok() || again->origin != next->origin || again->path != next->path) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (registry_refusal(404, body, "schema 1").message.empty()) std::abort();
  check_redirect(body);
  const auto kept = parse_kept_schema(body);
  if (const auto answer = parse_registry_answer(body); answer.ok()) {
    const auto again = parse_kept_schema(kept_schema_text(answer->schema));
    if (!again.ok() || again->text != answer->schema.text || again->language != answer->schema.language) std::abort();
  }
  if (kept.ok() && kept->text.size() > size) std::abort();
  return 0;
}
