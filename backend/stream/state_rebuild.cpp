#include "stream/state_rebuild.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

#include "base/crash_point.h"

namespace penstock {
namespace {

// Epochs of what is computed again: before every epoch of the stream's own.
constexpr std::int64_t kFirstEpoch = std::numeric_limits<std::int64_t>::min() / 2;
constexpr std::int64_t kBytesInOneWrite = 8 << 20;

std::string prefix_of(const std::string& step) { return "step/" + step + "/"; }

struct Scan {
  std::size_t flow = 0;
  std::unique_ptr<TableScan> rows;
};

}  // namespace

void erase_step_state(const std::string& step, StateWrite& write) {
  const std::string prefix = prefix_of(step);
  write.erase_range(prefix, prefix.substr(0, prefix.size() - 1) + "0");      // '0' is the character behind '/'
}

Result<std::vector<RebuildRoot>> roots_of(StreamProgram& program, const std::vector<std::size_t>& steps) {
  const std::size_t sources = program.sources().size();
  std::vector<RebuildRoot> roots;
  std::set<std::size_t> seen;
  const std::function<Status(std::size_t, const std::string&)> visit = [&](std::size_t index, const std::string& asking) -> Status {
    for (const std::size_t input : program.inputs_of(index)) {
      if (!seen.insert(input).second) continue;
      if (input < sources) {
        const auto bronze = program.bronze_of(input);
        if (!bronze) return Error(ErrorKind::failed_precondition, "nothing is landed above step " + asking + ", so its state cannot be computed again", "land its input");
        roots.push_back({input, *bronze, program.sources()[input].schema});
        continue;
      }
      const StepRunner& above = *program.steps()[input - sources];
      if (!above.spec().land.empty() && above.output_schema()->find(origin::offset)) roots.push_back({input, above.spec().land, above.output_schema()});
      else PENSTOCK_TRY(visit(input - sources, asking));
    }
    return {};
  };
  for (const std::size_t step : steps) PENSTOCK_TRY(visit(step, program.steps()[step]->spec().name));
  return roots;
}

Status StateRebuild::run(StateStore& state, Cancellation cancellation) const {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  PENSTOCK_ASSIGN(const auto scratch, StateStore::open(folder, {.cache_bytes = 1 << 20}));
  PENSTOCK_ASSIGN(const auto program, StreamProgram::compile(*spec, {catalog, &launch, parquet, &Clock::system(), shard}, sql_memory_bytes));
  PENSTOCK_ASSIGN(const auto roots, roots_of(*program, steps));
  PENSTOCK_TRY(feed(*program, roots, *scratch, cancellation));
  crash_point("rebuild.before_move");
  PENSTOCK_TRY(move_state(*program, *scratch, state));
  std::filesystem::remove_all(folder, ignored);
  return {};
}

Status StateRebuild::feed(StreamProgram& program, const std::vector<RebuildRoot>& roots, StateStore& scratch, Cancellation cancellation) const {
  const std::size_t sources = program.sources().size();
  // Steps between the tables and those that are wanted run too.
  std::vector<bool> runs(program.steps().size(), false);
  std::set<std::size_t> given;
  for (const RebuildRoot& root : roots) given.insert(root.flow);
  const std::function<void(std::size_t)> need = [&](std::size_t step) {
    if (runs[step]) return;
    runs[step] = true;
    for (const std::size_t input : program.inputs_of(step))
      if (!given.contains(input)) need(input - sources);
  };
  for (const std::size_t step : steps) need(step);

  std::vector<Scan> scans;
  for (const RebuildRoot& root : roots)
    for (const auto& [source, positions] : until.positions) {
      auto scan = catalog->row_scanner()(launch.tables_root, root.table, source, root.schema, *parquet);
      if (!scan.ok() && scan.error().kind == ErrorKind::not_found) continue;      // nothing has come that far yet
      if (!scan.ok()) return scan.error();
      std::vector<Assignment> assignments;
      for (const auto& [partition, offset] : positions) assignments.push_back({partition, 0, offset});
      PENSTOCK_TRY((*scan)->assign(assignments));
      scans.push_back({root.flow, std::move(*scan)});
    }
  for (const auto& [source, positions] : until.positions)
    for (const auto& [partition, offset] : positions)
      for (std::size_t i = 0; i < source_names.size(); ++i)
        if (source_names[i] == source) program.add_partition(i, {source, partition}, now);
  for (auto& step : program.steps())
    if (const auto closed = until.closed.find(step->spec().name); step->closes() && closed != until.closed.end()) step->close_until(closed->second);

  std::int64_t epoch = kFirstEpoch, rows_read = 0;
  const auto run = [&](std::vector<Flow> flows, bool ends) -> Status {
    StateWrite write;
    ++epoch;
    for (std::size_t i = 0; i < program.steps().size(); ++i) {
      if (!runs[i]) continue;
      StepRunner& step = *program.steps()[i];
      EpochContext context;
      context.epoch = epoch;
      context.now = now;
      context.hold_windows = step.closes() && until.closed.contains(step.spec().name);
      context.rebuilds = true;
      context.rebuild_ends = ends;
      std::vector<const Flow*> inputs;
      for (const std::size_t input : program.inputs_of(i)) inputs.push_back(&flows[input]);
      PENSTOCK_ASSIGN(flows[sources + i], step.run(inputs, context));
      step.take_late();
      PENSTOCK_TRY(step.log(epoch, scratch, write));
    }
    return scratch.write(write, false);
  };
  for (std::size_t turn = 0; !scans.empty(); ++turn) {
    if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the stream was stopped while its state was computed again");
    const std::size_t at = turn % scans.size();
    PENSTOCK_ASSIGN(auto rows, scans[at].rows->next(cancellation));
    if (!rows) {
      if (!cancellation.stop_requested()) scans.erase(scans.begin() + static_cast<std::ptrdiff_t>(at));
      continue;
    }
    std::vector<Flow> flows(sources + program.steps().size());
    flows[scans[at].flow].parts.push_back({std::move(*rows), {}});
    rows_read += flows[scans[at].flow].rows();
    PENSTOCK_TRY(run(std::move(flows), false));
    if (read) read(rows_read);
  }
  // What was said to be closed is kept also where no row came.
  return run(std::vector<Flow>(sources + program.steps().size()), true);
}

Status StateRebuild::move_state(StreamProgram& program, const StateStore& scratch, StateStore& state) const {
  for (const std::size_t index : steps) {
    const std::string prefix = prefix_of(program.steps()[index]->spec().name);
    StateWrite write;
    std::int64_t bytes = 0;
    erase_step_state(program.steps()[index]->spec().name, write);
    PENSTOCK_TRY(scratch.scan(prefix, [&](std::string_view key, std::string_view value) -> Status {
      write.put(prefix + std::string(key), value);
      bytes += static_cast<std::int64_t>(value.size());
      if (bytes < kBytesInOneWrite) return {};
      bytes = 0;
      return state.write(std::exchange(write, StateWrite()), false);
    }));
    PENSTOCK_TRY(state.write(write, false));
  }
  return {};
}

}  // namespace penstock
