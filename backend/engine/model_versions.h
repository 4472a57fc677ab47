#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

namespace penstock {

// Which version of a model stands in its file now, as rows that it scores carry it. A file is read again only when it has changed.
// Thread-safe.
class ModelVersions {
 public:
  // "(cannot be read)" where it cannot.
  std::string of(const std::string& path);

 private:
  struct Known {
    std::filesystem::file_time_type written;
    std::uintmax_t bytes = 0;
    std::string version;
  };
  std::mutex mutex_;
  std::map<std::string, Known> known_;
};

}  // namespace penstock
