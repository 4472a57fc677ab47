// Any bytes as the body of a request, as its signature and as its credentials: split or refused, never a crash; what was split
// off lies in the body, in order, and nothing but blanks and what stands between values lies between.

#include <cstdint>
#include <cstdlib>

#include "connectors/webhook/webhook_body.h"
#include "connectors/webhook/webhook_listener.h"
#include "fuzz/planted_crash.h"

using namespace penstock;
using namespace penstock::webhook;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const BodyKind kind : {BodyKind::json, BodyKind::lines, BodyKind::whole}) {
    const SplitBody split = split_body(body, kind);
    if (!split.problem.empty() && !split.records.empty()) std::abort();
    std::size_t at = 0;
    for (const std::string_view record : split.records) {
      const auto begin = static_cast<std::size_t>(record.data() - body.data());
      if (record.empty() || begin < at || begin + record.size() > size) std::abort();
      for (std::size_t i = at; i < begin && kind != BodyKind::whole; ++i)
        if (std::string_view(" \t\r\n,[").find(body[i]) == std::string_view::npos) std::abort();
      at = begin + record.size();
    }
  }
  // Nobody knows the secret: nothing is a signature of it.
  if (is_signed(body, body, "a secret that no input holds") || is_bearer(body, "a secret that no input holds, either")) std::abort();
  if (const auto address = parse_address(std::string(body)); address.ok() && (address->port < 1 || address->port > 65'535)) std::abort();
  return 0;
}
