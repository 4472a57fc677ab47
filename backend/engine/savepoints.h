#pragma once

// Copies of the state of pipelines, by name, below the state root: `streams/<pipeline>/savepoints/<name>/`, a folder for each shard.
// They are RocksDB checkpoints: files that have not changed since are shared with the state, and are freed when both let them go.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace penstock {

struct Savepoint {
  std::string pipeline;
  std::string name;
  std::int64_t made_at = 0;        // micros
  std::int64_t version = 0;        // of the workspace that was applied then
  std::int64_t rows_in = 0;        // how many the pipeline had taken
  std::int32_t shards = 0;
  std::int64_t bytes = 0;          // as it would be alone
};

// Thread-safe for different pipelines; of one, one call at a time. While make() and put_back() run, no pod may have the pipeline:
// failed_precondition where one still does.
class Savepoints {
 public:
  explicit Savepoints(std::string state_root) : state_root_(std::move(state_root)) {}

  // invalid_argument: the name; already_exists; not_found: there is no state yet.
  Status may_be_made(const std::string& pipeline, const std::string& name) const;
  // Where may_be_made(). `about` says all but shards and bytes. What fails leaves nothing behind.
  Result<Savepoint> make(Savepoint about) const;
  Result<Savepoint> find(const std::string& pipeline, const std::string& name) const;      // not_found
  // The newest first.
  std::vector<Savepoint> list(const std::string& pipeline) const;
  // The copy takes the place of the state, which is kept aside (`state.aside`) until the next time, and goes on from what the tables hold
  // (StateChoice::take_over). not_found; data_loss: the copy is damaged, and nothing was changed; invalid_argument: it is of
  // another number of shards.
  Status put_back(const std::string& pipeline, const std::string& name) const;
  Status remove(const std::string& pipeline, const std::string& name) const;       // not_found

 private:
  std::string folder_of(const std::string& pipeline) const { return state_root_ + "/streams/" + pipeline; }
  const std::string state_root_;
};

}  // namespace penstock
