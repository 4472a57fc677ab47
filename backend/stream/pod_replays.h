#pragma once

// The replays of a pod: of each, a run for every shard that is here.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stream/replay_run.h"
#include "stream/running_stream.h"

namespace penstock {

// Thread-safe.
class PodReplays {
 public:
  struct Parts {
    const ConnectorCatalog* catalog = nullptr;
    Parquet* parquet = nullptr;
    std::int64_t memory_bytes = 0;           // of the pod
    const Clock* clock = nullptr;
    const CpuMeter* cpu = nullptr;
    std::function<void()> changed;
    std::function<std::shared_ptr<RunningStream>(const std::string& stream)> find;      // null: it does not run here
  };
  explicit PodReplays(Parts parts) : parts_(std::move(parts)) {}

  // A run for each of these shards. already_exists for an id that is known; nothing has begun then.
  Status start(const ReplayLaunch& replay, const RunningStream& live);
  Status control(const std::string& id, const std::string& action, double rate_limit);
  // What the pod that had these shards before left unfinished.
  void resume(const StreamLaunch& launch, const std::vector<std::int32_t>& shards, const RunningStream& live);
  // Runs of shards that are not here any more, and not at their end: whoever has the shard next goes on with them. They stop
  // with their object.
  std::vector<std::unique_ptr<ReplayRun>> take(const std::string& stream, const RunningStream& ended, const RunningStream* goes_on);
  void report(PodReport& report) const;

 private:
  void add(const ReplayLaunch& replay, const StreamLaunch& launch, std::int32_t shard);      // with mutex_

  const Parts parts_;
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::int32_t, std::unique_ptr<ReplayRun>>> runs_;      // by id and shard; ended ones too: their outcome is reported
};

}  // namespace penstock
