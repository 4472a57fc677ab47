#include "engine/savepoint_manifest.h"

#include <nlohmann/json.hpp>

namespace penstock {
namespace {

constexpr std::int64_t kMostShards = 99'999;

}  // namespace

std::string SavepointManifest::to_text() const {
  return nlohmann::json{{"made_at", made_at}, {"version", version}, {"rows_in", rows_in}, {"shards", shards}}.dump() + "\n";
}

std::optional<SavepointManifest> SavepointManifest::parse(std::string_view text) {
  const auto about = nlohmann::json::parse(text, nullptr, false);
  if (!about.is_object()) return std::nullopt;
  // -1 for what is no whole number, or one that no savepoint has.
  const auto number = [&](const char* name) -> std::int64_t {
    const auto found = about.find(name);
    if (found == about.end() || !found->is_number_integer()) return -1;
    return found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX ? -1 : found->get<std::int64_t>();
  };
  const std::int64_t shards = number("shards");
  if (number("made_at") < 0 || number("version") < 0 || number("rows_in") < 0 || shards < 1 || shards > kMostShards) return std::nullopt;
  return SavepointManifest{number("made_at"), number("version"), number("rows_in"), static_cast<std::int32_t>(shards)};
}

}  // namespace penstock
