#include "ops/pod_identity.h"

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

namespace penstock {
namespace {
std::string path_in(const std::string& folder) { return folder + "/identity.json"; }
}

Status write_identity(const std::string& folder, const PodProcess& process) {
  const nlohmann::json identity = {{"name", process.name},           {"address", process.address},
                                   {"token", process.token},         {"process_id", process.process_id},
                                   {"process_start", process.process_start}, {"started_at", process.started_at}};
  const std::string path = path_in(folder), aside = path + ".new";
  std::error_code failed;
  {
    std::ofstream file(aside, std::ios::binary | std::ios::trunc);
    std::filesystem::permissions(aside, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
    file << identity.dump(1) << '\n';
    file.close();
    if (!file) return Error(ErrorKind::io, "the pod's identity cannot be written", {}, aside);
  }
  std::filesystem::rename(aside, path, failed);
  if (failed) return Error(ErrorKind::io, "the pod's identity cannot be written: " + failed.message(), {}, path);
  return {};
}

std::optional<PodProcess> read_identity(const std::string& folder) {
  std::ifstream file(path_in(folder), std::ios::binary);
  if (!file) return std::nullopt;
  const auto identity = nlohmann::json::parse(file, nullptr, false);
  if (!identity.is_object()) return std::nullopt;
  try {
    PodProcess process;
    process.name = identity.at("name").get<std::string>();
    process.address = identity.at("address").get<std::string>();
    process.token = identity.at("token").get<std::string>();
    process.process_id = identity.at("process_id").get<std::int64_t>();
    process.process_start = identity.at("process_start").get<std::int64_t>();
    process.started_at = identity.at("started_at").get<std::int64_t>();
    return process;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

void remove_identity(const std::string& folder) {
  std::error_code ignored;
  std::filesystem::remove(path_in(folder), ignored);
  std::filesystem::remove(path_in(folder) + ".new", ignored);
}

}  // namespace penstock
