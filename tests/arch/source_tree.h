#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace penstock::arch {

struct SourceFile {
  std::string path;      // "backend/stream/shard.cpp"
  std::string text;
};

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// The C++ files below these folders of the repository.
inline std::vector<SourceFile> source_files(const std::filesystem::path& root, const std::vector<std::string>& folders) {
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    if (!std::filesystem::exists(root / folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cpp") continue;
      files.push_back({entry.path().lexically_relative(root).generic_string(), text_of(entry.path())});
    }
  }
  return files;
}

}  // namespace penstock::arch
