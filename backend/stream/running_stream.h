#pragma once

// A stream as it runs in a pod: the shards of it that are here; or its contract is inferred first; or it could not go on with
// another contract, and only says so.

#include <map>
#include <memory>
#include <vector>

#include "stream/contract_sampling.h"
#include "stream/shard.h"

namespace penstock {

// The calls are thread-safe; the members are set before others see it.
struct RunningStream {
  StreamLaunch launch;                       // with the contracts that the stream has come to
  std::map<std::int32_t, std::shared_ptr<Shard>> shards;
  std::shared_ptr<KeyPlaces> key_places;     // that its shards share; null: it has one
  std::unique_ptr<ContractSampling> sampling;
  StreamReport said;                         // while there is neither

  std::vector<StreamReport> reports() const;
  // unavailable while its contract is not known yet.
  Status has_begun() const;
  std::shared_ptr<Shard> find(std::int32_t shard) const;       // null: it is not here

  // Of all shards; the first error.
  Status set_paused(bool paused) const;
  Status drain(bool close_windows) const;
  std::vector<TailPart> table_tail(const std::string& table) const;
  Result<std::vector<Batch>> step_rows(const std::string& step) const;
  // Each row goes to the shard of its partition. unavailable: that is not here; then no row is taken.
  Result<RedriveOutcome> redrive(const std::string& command_id, const std::vector<RedriveRow>& rows) const;
};

// The shards that the launch asks for, in order.
std::vector<std::int32_t> shards_of(const StreamLaunch& launch);

}  // namespace penstock
