#pragma once

// The arrows of the architecture as data, and the checks made with them. A folder may include itself, what it is listed
// with here, and what those may include.

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "arch/source_tree.h"

namespace penstock::arch {

using Arrows = std::map<std::string, std::vector<std::string>>;

// "connectors/*" stands for each connector; they may not include each other.
inline const Arrows& backend_arrows() {
  static const Arrows arrows{
      {"base", {}},
      {"record", {"base"}},
      {"workspace", {"record"}},
      {"io", {"record"}},
      {"connectors/*", {"io"}},
      {"connectors/sqlite", {"io", "store"}},      // store/ is where SQLite is
      {"connectors/duckdb", {"io", "sql"}},        // sql/ is where DuckDB is
      {"sql", {"record", "workspace", "io"}},
      {"telemetry", {"record"}},
      {"store", {"record"}},
      {"secrets", {"base"}},
      {"stream", {"io", "sql", "telemetry", "workspace"}},
      {"batch", {"io", "sql", "telemetry", "store", "workspace"}},
      {"quality", {"stream", "sql", "store"}},
      {"ml", {"stream", "sql", "store"}},
      {"lineage", {"workspace", "sql", "store"}},
      {"replay", {"stream", "io", "store"}},
      {"ops", {"telemetry", "lineage", "store"}},
      {"engine", {"connectors/*", "stream", "batch", "quality", "ml", "lineage", "replay", "ops", "secrets"}},
      {"api", {}},
      {"rpc", {"api", "engine"}},
  };
  return arrows;
}

inline const Arrows& ui_arrows() {
  static const Arrows arrows{
      {"client", {}}, {"viewmodels", {"client"}}, {"widgets", {}}, {"pages", {"viewmodels", "widgets"}}, {"shell", {"pages"}}};
  return arrows;
}

// Libraries that several folders may include; every other one belongs to a single folder.
inline const std::map<std::string, std::set<std::string>>& shared_libraries() {
  static const std::map<std::string, std::set<std::string>> libraries{
      {"grpcpp", {"backend/api", "backend/rpc", "ui/client", "app"}},
      {"google", {"backend/api", "backend/rpc", "backend/connectors/protobuf", "ui/client", "app"}},      // protobuf
      {"penstock", {"backend/api", "backend/rpc", "ui/client", "app"}},    // what protoc makes of backend/api
      {"nlohmann", {}},                                                     // anywhere in backend/ and app/
      {"httplib", {"backend/connectors/registry", "backend/connectors/webhook", "app"}},
      {"openssl", {"backend/connectors/webhook", "backend/engine", "backend/ml"}},
      {"spdlog", {"backend/base", "backend/telemetry", "app"}},            // others write by base/log.h
  };
  return libraries;
}

// "backend/connectors/kafka" of "backend/connectors/kafka/x.cpp"; "app" of anything in app/.
inline std::string folder_of(const std::string& path) {
  if (path.starts_with("app/")) return "app";
  const std::size_t parts = path.starts_with("backend/connectors/") ? 3 : 2;
  std::size_t end = 0;
  for (std::size_t i = 0; i < parts; ++i) end = path.find('/', end + 1);
  return path.substr(0, end);
}

inline std::set<std::string> reachable(const Arrows& arrows, const std::string& folder) {
  std::set<std::string> seen;
  std::vector<std::string> open{folder};
  while (!open.empty()) {
    const std::string one = open.back();
    open.pop_back();
    const auto found = arrows.find(one);
    if (found == arrows.end()) continue;
    for (const std::string& next : found->second)
      if (seen.insert(next).second) open.push_back(next);
  }
  return seen;
}

struct Include {
  std::string name;
  bool angled = false;
};

inline std::vector<Include> includes_of(const std::string& text) {
  static const std::regex pattern(R"(^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"])", std::regex::multiline);
  std::vector<Include> found;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), pattern); it != std::sregex_iterator(); ++it)
    found.push_back({(*it)[2], (*it)[1] == "<"});
  return found;
}

inline bool is_standard_or_system(const std::string& header) {
  if (header.find('/') == std::string::npos && header.find('.') == std::string::npos) return !header.starts_with("Q");
  static const std::regex system(
      R"((sys|netinet|arpa|linux)/.*|(unistd|fcntl|signal|dirent|spawn|poll|pthread|pwd|netdb|dlfcn|sched|termios|errno|malloc|io|windows|psapi|process|direct|winsock2|ws2tcpip|tlhelp32)\.h)");
  static const std::regex sanitizer(R"(sanitizer/.*)");
  return std::regex_match(header, system) || std::regex_match(header, sanitizer);
}

inline bool is_qt(const std::string& header) { return header.size() > 1 && header[0] == 'Q' && header.find('.') == std::string::npos; }

// What an include names: "rocksdb" of <rocksdb/db.h>, "sqlite3" of <sqlite3.h>.
inline std::string library_of(const std::string& header) {
  return header.substr(0, std::min(header.find('/'), header.find('.')));
}

// Quoted includes against the arrows: "stream" of "stream/shard.h", "connectors/kafka" of "connectors/kafka/x.h".
inline void check_arrow(const SourceFile& file, const std::string& include, std::vector<std::string>& violations) {
  const std::string folder = folder_of(file.path);
  if (folder == "app") return;
  const bool backend = folder.starts_with("backend/");
  const std::string target = backend ? folder_of("backend/" + include).substr(8) : folder_of("ui/" + include).substr(3);
  const std::string own = folder.substr(folder.find('/') + 1);
  if (include.find('/') == std::string::npos || target == own) return;
  const auto generic = [](const std::string& name) { return name.starts_with("connectors/") ? std::string("connectors/*") : name; };
  const Arrows& arrows = backend ? backend_arrows() : ui_arrows();
  if (!arrows.contains(generic(own)))
    violations.push_back(file.path + ": the folder '" + own + "' has no arrows");
  else if (!reachable(arrows, arrows.contains(own) ? own : generic(own)).contains(generic(target)))
    violations.push_back(file.path + ": '" + own + "' may not include \"" + include + "\"");
}

inline std::vector<std::string> check_includes(const std::vector<SourceFile>& files) {
  std::vector<std::string> violations;
  std::map<std::string, std::map<std::string, std::string>> users;   // library → folder → a file of it
  for (const SourceFile& file : files) {
    const std::string folder = folder_of(file.path);
    for (const Include& include : includes_of(file.text)) {
      const bool generated = include.name.starts_with("penstock/");   // by protoc; some write it in quotes
      if (!include.angled && !generated) {
        check_arrow(file, include.name, violations);
      } else if (is_qt(include.name)) {
        if (folder.starts_with("backend/")) violations.push_back(file.path + ": no Qt in backend/: <" + include.name + ">");
      } else if (!is_standard_or_system(include.name)) {
        users[library_of(include.name)].emplace(folder, file.path);
      }
    }
  }
  for (const auto& [library, folders] : users) {
    const auto shared = shared_libraries().find(library);
    if (shared == shared_libraries().end()) {
      for (auto it = std::next(folders.begin()); it != folders.end(); ++it)
        violations.push_back(it->second + ": <" + library + "> belongs to " + folders.begin()->first + " (" + folders.begin()->second + ")");
      continue;
    }
    for (const auto& [folder, path] : folders) {
      const bool allowed = shared->second.empty() ? !folder.starts_with("ui/") : shared->second.contains(folder);
      if (!allowed) violations.push_back(path + ": " + folder + " may not include <" + library + ">");
    }
  }
  std::sort(violations.begin(), violations.end());
  return violations;
}

}  // namespace penstock::arch
