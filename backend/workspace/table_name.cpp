#include "workspace/table_name.h"

#include <algorithm>
#include <vector>

#include "workspace/map_reader.h"

namespace penstock {
namespace {

const std::vector<std::string> kLayers{"bronze", "silver", "gold"};
constexpr std::string_view kReserved[] = {"ref", "quarantine", "dead_letters"};
constexpr std::string_view kExpected = "layer.name with layer one of bronze, silver, gold: silver.sales";

}  // namespace

bool check_table_name(std::string_view table, const Location& at, Problems& problems) {
  const std::size_t dot = table.find('.');
  const std::string_view layer = table.substr(0, dot);
  if (dot == std::string_view::npos || !is_name(table.substr(dot + 1))) {
    problems.push_back({at, quote(table) + " is not the name of a table", std::string(kExpected), {}});
    return false;
  }
  if (std::find(kLayers.begin(), kLayers.end(), layer) != kLayers.end()) return true;
  const bool reserved = std::find(std::begin(kReserved), std::end(kReserved), layer) != std::end(kReserved);
  problems.push_back({at, reserved ? quote(layer) + " is filled by the engine itself" : "unknown table layer " + quote(layer),
                      std::string(kExpected), reserved ? std::string() : did_you_mean(layer, kLayers)});
  return false;
}

Setting table_setting(const std::string& table, const Location& at) {
  Setting text;
  text.kind = Setting::Kind::text;
  text.text = table;
  text.at = text.key_at = at;
  Setting map;
  map.kind = Setting::Kind::map;
  map.at = map.key_at = at;
  map.entries.emplace_back("table", std::move(text));
  return map;
}

}  // namespace penstock
