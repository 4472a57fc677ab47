// Any two texts as versions of a .proto contract with what both import, split at lines of "---": compared or refused, never a crash,
// never for ever; and what can be read reads itself.

#include <cstdint>
#include <cstdlib>

#include "connectors/protobuf/proto_compatibility.h"
#include "fuzz/planted_crash.h"

using namespace penstock;

namespace {

std::string_view cut_off(std::string_view& text) {
  const std::size_t split = text.find("---\n");
  const std::string_view first = text.substr(0, split);
  text = split == std::string_view::npos ? std::string_view() : text.substr(split + 4);
  return first;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view first = cut_off(rest), second = cut_off(rest), imported = cut_off(rest), changed = cut_off(rest);
  const auto was = proto::ProtoSchema::parse(first, "first", {{"b.proto", std::string(imported)}});
  if (!was.ok()) return 0;
  const auto same = proto::ProtoSchema::parse(first, "same", {{"b.proto", std::string(imported)}});
  if (!same.ok() || !protobuf_incompatibilities(**same, **was).empty()) std::abort();
  const auto is = proto::ProtoSchema::parse(second, "second", {{"b.proto", std::string(changed)}});
  if (!is.ok()) return 0;
  for (const Incompatibility& one : protobuf_incompatibilities(**is, **was))
    if (one.type.empty() || !one.path.starts_with('#')) std::abort();
  return 0;
}
