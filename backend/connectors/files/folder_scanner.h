#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/files/file_index.h"

namespace penstock::files {

struct ScanRules {
  std::string folder;                        // absolute
  std::string pattern = "*";                 // of the file's name: * and ?
  bool recursive = false;
  bool wait_for_done = false;                // a file is ready once "<name>.done" stands beside it
  bool full_load_first = false;              // DMS's: LOAD….* before all others, which are in the order of their names
  std::chrono::microseconds settle = std::chrono::seconds(2);   // else once its size and time have not changed so long
};

// True when a name fits a pattern of * (any characters) and ? (one).
bool fits_pattern(std::string_view name, std::string_view pattern);

// Finds the files of a folder that nobody writes any more. Hidden files and those that end in .tmp, .part or .done are
// not looked at. Used by one thread.
class FolderScanner {
 public:
  FolderScanner(ScanRules rules, const Clock& clock) : rules_(std::move(rules)), clock_(clock) {}

  // The finished files, oldest first (then by name; `full_load_first`: by name alone), without their hash. `waiting` is set when others may still be
  // written. Error: not_found when there is no such folder; io.
  Result<std::vector<FileIdentity>> scan(bool& waiting);

 private:
  struct Seen {
    std::int64_t bytes = 0;
    std::int64_t modified_micros = 0;
    std::chrono::steady_clock::time_point since;
  };
  bool is_settled(const FileIdentity& file, std::chrono::microseconds age);

  ScanRules rules_;
  const Clock& clock_;
  std::map<std::string, Seen> unsettled_;
};

// The hash of the first and last 4 KiB of the file's first `bytes` bytes. Errors: not_found; data_loss when the file
// is shorter.
Result<std::uint64_t> hash_ends(const std::string& path, std::int64_t bytes);

}  // namespace penstock::files
