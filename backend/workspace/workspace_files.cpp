#include "workspace/workspace_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace penstock {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kMaxFileBytes = 64 << 20;
constexpr std::size_t kMaxFiles = 50'000;
const std::vector<std::string> kFolders{"pipelines", "models", "seeds", "contracts", "policies", "tests"};
const std::vector<std::string> kTopFiles{"penstock.yaml", "connections.yaml"};

std::string text_of(const fs::path& path) {
  const std::u8string text = path.generic_u8string();
  return std::string(text.begin(), text.end());
}

void read_file(const fs::path& path, const std::string& name, WorkspaceFiles& into, Problems& problems) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    problems.push_back({{name, 0, 0}, "this is no regular file", "a file of text", {}});
    return;
  }
  const std::uintmax_t bytes = fs::file_size(path, error);
  if (error || bytes > kMaxFileBytes) {
    problems.push_back({{name, 0, 0}, error ? "the file cannot be read: " + error.message() : "the file has " + std::to_string(bytes) + " bytes", "at most 64 MiB", {}});
    return;
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.good() && !stream.eof()) problems.push_back({{name, 0, 0}, "the file cannot be read", "a file that this user may read", {}});
  else into.files.emplace(name, std::move(text));
}

void read_folder(const fs::path& root, const std::string& folder, WorkspaceFiles& into, Problems& problems) {
  std::error_code error;
  fs::recursive_directory_iterator entry(root / folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = text_of(entry->path().lexically_relative(root));
    const bool hidden = text_of(entry->path().filename()).starts_with(".");
    std::error_code ignored;
    if (hidden && entry->is_directory(ignored)) entry.disable_recursion_pending();
    if (hidden || entry->is_directory(ignored)) continue;
    // A trained model is data: it stays where it is, and a newer one takes its place while streams run.
    if (folder == "models" && !name.ends_with(".sql") && !name.ends_with(".sqlx")) continue;
    if (into.files.size() >= kMaxFiles) {
      problems.push_back({{folder, 0, 0}, "more than " + std::to_string(kMaxFiles) + " files", "a folder of pipelines", {}});
      return;
    }
    read_file(entry->path(), name, into, problems);
  }
  if (error) problems.push_back({{folder, 0, 0}, "the folder cannot be read: " + error.message(), {}, {}});
}

}  // namespace

WorkspaceFiles read_workspace_files(const std::string& folder, Problems& problems) {
  WorkspaceFiles read;
  std::error_code error;
  const fs::path root = fs::absolute(fs::path(std::u8string(folder.begin(), folder.end())), error).lexically_normal();
  read.root = text_of(root);
  if (!fs::is_directory(root, error)) {
    problems.push_back({{folder, 0, 0}, "there is no such folder", "a workspace: a folder with penstock.yaml", {}});
    return read;
  }
  fs::directory_iterator entry(root, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = text_of(entry->path().filename());
    std::error_code ignored;
    const bool is_folder = entry->is_directory(ignored);
    const std::vector<std::string>& known = is_folder ? kFolders : kTopFiles;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      // Anything may lie beside a workspace (README, .git); only what looks like a slip is worth a word.
      const std::string suggestion = name.starts_with(".") ? std::string() : did_you_mean(name, known);
      if (!suggestion.empty()) problems.push_back({{name, 0, 0}, is_folder ? "a folder that is not read" : "a file that is not read", {}, suggestion});
    } else if (is_folder) {
      read_folder(root, name, read, problems);
    } else {
      read_file(entry->path(), name, read, problems);
    }
  }
  if (error) problems.push_back({{folder, 0, 0}, "the folder cannot be read: " + error.message(), {}, {}});
  return read;
}

}  // namespace penstock
