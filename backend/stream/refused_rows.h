#pragma once

// Rows that a sink's peer refused. They are recorded in the shard's state before the peer's transaction commits, so
// that a retry leaves out exactly them, and stay there until the shard has dead-lettered them in an epoch.

#include <set>
#include <string>
#include <vector>

#include "io/sink.h"
#include "stream/state_store.h"

namespace penstock {

struct RefusedRows {
  std::string sink;
  std::int64_t epoch = 0;
  std::int64_t first_row = 0;          // place of the first of them in the epoch
  std::vector<std::string> reasons;    // one per row
  Batch rows;                          // as they were delivered
};

// `rejects` are places in `epochs`. One synced write.
Status record_refused(StateStore& state, const std::string& sink, const std::vector<SinkEpoch>& epochs, const std::vector<RefusedRow>& rejects);
// Takes what is recorded out of the rows to deliver.
Status leave_out_refused(const StateStore& state, const std::string& sink, std::vector<SinkEpoch>& epochs);
// The sink has taken everything up to `epoch`: which rows were left out of it need not be known any more.
Status forget_refused(StateStore& state, const std::string& sink, std::int64_t epoch);

// What waits to be dead-lettered; erased by the write of the epoch that does it.
Result<std::vector<RefusedRows>> waiting_refused(const StateStore& state);
void erase_waiting_refused(const RefusedRows& refused, StateWrite& write);

}  // namespace penstock
