#pragma once

// Programs of shards that a pod is about to get, compiled before they come: to compile one takes longer than all else that a
// shard needs on its way from one pod to another.

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "stream/stream_program.h"

namespace penstock {

// Thread-safe.
class PreparedPrograms {
 public:
  // `launch`: with the contracts that the stream has come to by then.
  void put(const StreamLaunch& launch, std::int32_t shard, std::unique_ptr<StreamProgram> program);
  // Null where there is none of this version and these contracts.
  std::unique_ptr<StreamProgram> take(const StreamLaunch& launch, std::int32_t shard);
  bool has(const StreamLaunch& launch, std::int32_t shard) const;
  // Those of other shards, or of another version, will not be needed.
  void keep_only(const StreamLaunch& launch, const std::set<std::int32_t>& shards);
  void forget(const std::string& stream);

 private:
  struct Prepared {
    std::string made_from;
    std::unique_ptr<StreamProgram> program;
  };
  static std::string made_from(const StreamLaunch& launch);

  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::int32_t, Prepared>> programs_;      // by stream and shard
};

}  // namespace penstock
