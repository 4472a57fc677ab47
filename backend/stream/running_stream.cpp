#include "stream/running_stream.h"

#include <algorithm>
#include <future>
#include <numeric>

namespace penstock {

std::vector<std::int32_t> shards_of(const StreamLaunch& launch) {
  if (!launch.shards.empty()) return launch.shards;
  const StreamSpec* spec = launch.workspace->find_stream(launch.stream);
  std::vector<std::int32_t> all(spec ? static_cast<std::size_t>(spec->shards) : 0);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::vector<StreamReport> RunningStream::reports() const {
  std::vector<StreamReport> reports;
  for (const auto& [number, shard] : shards) reports.push_back(shard->report());
  if (!shards.empty()) return reports;
  reports.push_back(sampling ? sampling->report() : said);
  if (const auto here = shards_of(launch); !here.empty()) reports.front().shard = here.front();
  return reports;
}

Status RunningStream::has_begun() const {
  if (!shards.empty()) return {};
  return Error(ErrorKind::unavailable, "stream '" + launch.stream + "' has not begun: its contract is not known yet");
}

std::shared_ptr<Shard> RunningStream::find(std::int32_t shard) const {
  const auto found = shards.find(shard);
  return found == shards.end() ? nullptr : found->second;
}

Status RunningStream::set_paused(bool paused) const {
  for (const auto& [number, shard] : shards) PENSTOCK_TRY(paused ? shard->pause() : shard->resume());
  return {};
}

// Side by side: each waits for its sources and sinks.
Status RunningStream::drain(bool close_windows) const {
  std::vector<std::future<Status>> drained;
  for (const auto& [number, shard] : shards) drained.push_back(std::async(std::launch::async, [shard = shard, close_windows] { return shard->drain(close_windows); }));
  Status first;
  for (auto& one : drained)
    if (const Status status = one.get(); first.ok() && !status.ok()) first = status;
  return first;
}

std::vector<TailPart> RunningStream::table_tail(const std::string& table) const {
  std::vector<TailPart> tail;
  for (const auto& [number, shard] : shards) {
    std::vector<TailPart> parts = shard->table_tail(table);
    tail.insert(tail.end(), std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
  }
  return tail;
}

Result<std::vector<Batch>> RunningStream::step_rows(const std::string& step) const {
  PENSTOCK_TRY(has_begun());
  std::vector<Batch> rows;
  for (const auto& [number, shard] : shards) {
    PENSTOCK_ASSIGN(const std::vector<Batch> of_shard, shard->step_rows(step));
    rows.insert(rows.end(), of_shard.begin(), of_shard.end());
  }
  return rows;
}

Result<RedriveOutcome> RunningStream::redrive(const std::string& command_id, const std::vector<RedriveRow>& rows) const {
  PENSTOCK_TRY(has_begun());
  const StreamSpec* spec = launch.workspace->find_stream(launch.stream);
  std::map<std::int32_t, std::vector<RedriveRow>> by_shard;
  for (const RedriveRow& row : rows) by_shard[shard_of(row.position.partition, spec->shards)].push_back(row);
  for (const auto& [number, of_shard] : by_shard)
    if (!find(number)) return Error(ErrorKind::unavailable, "shard " + std::to_string(number) + " of " + launch.stream + " does not run here", "try again in a moment", launch.stream);
  RedriveOutcome sum;
  for (const auto& [number, of_shard] : by_shard) {
    PENSTOCK_ASSIGN(const RedriveOutcome outcome, find(number)->redrive(command_id, of_shard));
    sum.accepted += outcome.accepted;
    sum.repeated += outcome.repeated;
    sum.rejected_again += outcome.rejected_again;
  }
  return sum;
}

}  // namespace penstock
