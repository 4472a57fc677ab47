#include "engine/applied_folder.h"

#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace penstock {
namespace {

namespace fs = std::filesystem;
constexpr char kOrigin[] = ".origin";

Status write_file(const fs::path& path, const std::string& content) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (!file) return Error(ErrorKind::io, "the applied version could not be written", "is the disk full?", path.string());
  return {};
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// A `path:` of a source that is relative means a folder beside the workspace's files, not beside their copy; those of sinks begin at the
// folder of the tables.
void anchor_paths(Setting& settings, const fs::path& origin) {
  for (auto& [key, value] : settings.entries)
    if (key == "path" && value.kind == Setting::Kind::text && value.text.find("://") == std::string::npos)
      value.text = (origin / value.text).lexically_normal().string();
}

Settings anchored(const Settings& settings, const fs::path& origin) {
  Setting root = settings.root();
  anchor_paths(root, origin);
  return Settings(std::move(root));
}

}  // namespace

std::string digest_of(const WorkspaceFiles& files) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  for (const auto& [path, content] : files.files) {
    const std::string head = std::to_string(path.size()) + ":" + path + std::to_string(content.size()) + ":";
    EVP_DigestUpdate(context.get(), head.data(), head.size());
    EVP_DigestUpdate(context.get(), content.data(), content.size());
  }
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context.get(), hash, &size);
  std::string digits;
  for (unsigned int i = 0; i < size; ++i) {
    digits += "0123456789abcdef"[hash[i] >> 4];
    digits += "0123456789abcdef"[hash[i] & 15];
  }
  return digits;
}

Result<AppliedCopy> write_applied_copy(const WorkspaceFiles& files, const std::string& state_root, std::int64_t number) {
  const fs::path folder = fs::path(state_root) / "versions" / std::to_string(number);
  const fs::path aside = folder.string() + ".new";
  std::error_code error;
  fs::remove_all(aside, error);
  for (const auto& [path, content] : files.files) PENSTOCK_TRY(write_file(aside / path, content));
  PENSTOCK_TRY(write_file(aside / kOrigin, files.root));
  fs::remove_all(folder, error);
  fs::rename(aside, folder, error);
  if (error) return Error(ErrorKind::io, "the applied version could not be put in place: " + error.message(), {}, folder.string());
  return AppliedCopy{folder.string(), digest_of(files)};
}

Result<std::shared_ptr<const Workspace>> load_applied(const std::string& folder, const std::string& environment, const SettingCatalog& catalog) {
  LoadResult loaded = load_workspace(folder, environment, catalog);
  if (!loaded.problems.empty())
    return Error(ErrorKind::data_loss, "the applied version is damaged: " + loaded.problems.front().to_string(), "apply the workspace again", folder);
  if (const fs::path origin = read_file(fs::path(folder) / kOrigin); !origin.empty()) {
    for (auto& connection : loaded.workspace.connections) connection.settings = anchored(connection.settings, origin);
    for (auto& stream : loaded.workspace.streams) {
      for (auto& source : stream.sources) source.settings = anchored(source.settings, origin);
      for (auto& step : stream.steps)
        if (step.score) step.score->path = (origin / step.score->model).lexically_normal().string();
    }
  }
  return std::make_shared<const Workspace>(std::move(loaded.workspace));
}

}  // namespace penstock
