#pragma once

// Operator state computed again: a second copy of the stream's steps, with no sinks, is fed the nearest landed tables up to
// given positions, and what its windows and dedupe hold then becomes the stream's (semantics.md, "Change of a running
// stream" and "Reset"). The stream's own state changes only at the end.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "io/connector.h"
#include "stream/pod_runtime.h"
#include "stream/progress.h"
#include "stream/state_store.h"
#include "stream/stream_program.h"

namespace penstock {

// The landed tables nearest above `steps` (indexes) from which they can be computed, each with the flow that its rows
// stand for (as StreamProgram::inputs_of counts). Error: failed_precondition, naming a step above which nothing is landed.
struct RebuildRoot {
  std::size_t flow = 0;
  std::string table;
  SchemaPtr schema;
};
Result<std::vector<RebuildRoot>> roots_of(StreamProgram& program, const std::vector<std::size_t>& steps);

// Everything that a step of this name holds.
void erase_step_state(const std::string& step, StateWrite& write);

struct StateRebuild {
  StreamLaunch launch;
  const StreamSpec* spec = nullptr;
  const ConnectorCatalog* catalog = nullptr;
  Parquet* parquet = nullptr;
  std::int32_t shard = 0;
  std::int64_t sql_memory_bytes = 0;
  std::string folder;                            // for what it keeps meanwhile; removed at the end
  std::vector<std::size_t> steps;                // that get new state
  std::vector<std::string> source_names;         // per source, the value of `_source`
  // Rows below these positions are taken; windows of a step that it names, up to there, have gone to the sinks and are left
  // out. A step that it does not name closes what its watermark has passed.
  Mark until;
  std::int64_t now = 0;                          // wall clock in micros
  std::function<void(std::int64_t rows)> read;   // so many have been read

  // Puts the state of `steps` into `state`, in place of what they had. Not synced.
  Status run(StateStore& state, Cancellation cancellation) const;

 private:
  Status feed(StreamProgram& program, const std::vector<RebuildRoot>& roots, StateStore& scratch, Cancellation cancellation) const;
  Status move_state(StreamProgram& program, const StateStore& scratch, StateStore& state) const;
};

}  // namespace penstock
