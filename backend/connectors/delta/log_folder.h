#pragma once

// The names of files in `_delta_log` (PROTOCOL.md, "File Types").

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock::delta {

// "00000000000000000007.json", "00000000000000000010.checkpoint.parquet"
std::string commit_name(std::int64_t version);
std::string checkpoint_name(std::int64_t version);

struct CheckpointFiles {
  std::int64_t version = 0;
  std::vector<std::string> names;          // one, or all parts of a multi-part checkpoint in order
  bool unsupported = false;                // of the v2Checkpoint feature only
};

// What a log folder holds, ascending by version.
struct LogListing {
  std::vector<std::int64_t> commits;
  std::vector<CheckpointFiles> checkpoints;       // complete ones

  bool empty() const { return commits.empty() && checkpoints.empty(); }
  // The newest checkpoint that is not above `version`; null when there is none.
  const CheckpointFiles* checkpoint_up_to(std::int64_t version) const;
};

// A folder that does not exist is empty.
Result<LogListing> list_log(const std::string& log_folder);
// The same from names: for list_log, and for tests.
LogListing sort_log_names(const std::vector<std::string>& names);

}  // namespace penstock::delta
