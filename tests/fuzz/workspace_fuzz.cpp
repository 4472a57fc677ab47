// The loader over any bytes. An input is a workspace as a scenario writes it: `--- file PATH` before each file; without
// such a line it is one pipeline file.

#include <string>

#include "fuzz/planted_crash.h"
#include "workspace/loader.h"
#include "workspace/plan.h"

namespace {

using namespace penstock;

constexpr std::string_view kMarker = "--- file ";

WorkspaceFiles files_of(std::string_view input) {
  WorkspaceFiles read{"/workspace", {{"penstock.yaml", "workspace: fuzz\n"}}};
  std::string* file = &read.files["pipelines/p.yaml"];
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (line.starts_with(kMarker)) file = &(read.files[std::string(line.substr(kMarker.size()))] = std::string());
    else file->append(line).append("\n");
  }
  return read;
}

SettingCatalog catalog() {
  SettingCatalog all;
  ConnectorDeclaration every;
  every.is_source = every.is_sink = true;
  every.connection = every.source = every.sink = {
      {.name = "table"}, {.name = "system", .choices = {"pos_sales"}}, {.name = "topic", .required = true},
      {.name = "rate", .type = SettingType::real}, {.name = "count", .type = SettingType::integer}, {.name = "on", .type = SettingType::boolean},
      {.name = "every", .type = SettingType::duration}, {.name = "size", .type = SettingType::bytes}, {.name = "faults", .type = SettingType::list},
      {.name = "sasl", .type = SettingType::map}, {.name = "connection", .type = SettingType::connection}};
  for (const char* kind : {"simulate", "kafka", "postgres", "delta", "files"}) all.connectors.emplace(kind, every);
  all.formats = {"json", "csv"};
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  static const SettingCatalog known = catalog();
  static const Workspace empty;
  const LoadResult result = load_workspace(files_of({reinterpret_cast<const char*>(data), size}), "prod", known);
  for (const Problem& problem : result.problems) static_cast<void>(problem.to_string());
  static_cast<void>(plan_changes(empty, result.workspace));
  static_cast<void>(plan_changes(result.workspace, result.workspace));
  return 0;
}
