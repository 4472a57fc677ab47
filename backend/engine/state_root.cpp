#include "engine/state_root.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>

namespace penstock {
namespace {

namespace fs = std::filesystem;

// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 64 bits, as 16 hexadecimal digits.
std::string digest_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  std::string digits(16, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, hash >>= 4) *digit = "0123456789abcdef"[hash & 15];
  return digits;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

fs::path default_folder() {
  if (const auto state = variable("XDG_STATE_HOME"); !state.empty()) return state;
  if (const auto local = variable("LOCALAPPDATA"); !local.empty()) return local;
  if (const auto home = variable("HOME"); !home.empty()) return fs::path(home) / ".local" / "state";
  return {};
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

Result<std::string> state_root_of(const Workspace& workspace) {
  std::error_code error;
  const fs::path root = fs::weakly_canonical(workspace.root, error);
  fs::path folder;
  if (!workspace.state.empty()) {
    folder = (root / workspace.state).lexically_normal();
  } else {
    folder = default_folder();
    if (folder.empty())
      return Error(ErrorKind::failed_precondition, "there is no folder to keep state in: neither HOME nor XDG_STATE_HOME is set", "set one, or `state:` in penstock.yaml");
    folder = folder / "penstock" / (workspace.name + "-" + digest_of(root.string()));
  }
  if (is_inside(folder, root))
    return Error(ErrorKind::failed_precondition, "state must not lie inside the workspace", "set `state:` in penstock.yaml to a folder outside of it", folder.string());
  return (folder / (workspace.environment.empty() ? "default" : workspace.environment)).string();
}

Result<std::string> tables_root_of(const Workspace& workspace, const std::string& state_root) {
  if (workspace.tables.find("://") != std::string::npos)
    return Error(ErrorKind::unsupported, "tables on object storage are not in this version", "name a folder in `tables:`", workspace.tables_at.to_string());
  return (fs::path(state_root) / workspace.tables).lexically_normal().string();
}

}  // namespace penstock
