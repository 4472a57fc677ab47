#include "connectors/delta/ownership.h"

#include <algorithm>

namespace penstock::delta {

std::map<std::string, std::int64_t> rivals(const Snapshot& snapshot, const Marker& marker) {
  const std::string place = "/" + marker.sink + "/" + std::to_string(marker.shard);
  std::map<std::string, std::int64_t> found;
  for (const auto& [app_id, transaction] : snapshot.transactions) {
    const bool same_place = app_id.ends_with(place) && app_id.find('/') == app_id.size() - place.size();
    if (same_place && app_id != marker.to_string() && transaction.version != kRetired) found[app_id] = transaction.version;
  }
  return found;
}

Status check_ownership(const Snapshot& snapshot, const Marker& marker, bool take_over) {
  if (snapshot.transaction_version(marker.to_string()) == kRetired)
    return Error(ErrorKind::failed_precondition,
                 "another state of stream '" + marker.stream + "' has taken this table over",
                 "go on with that state, or start this stream with a new one and take over again");
  const auto others = rivals(snapshot, marker);
  if (others.empty() || take_over) return {};
  const auto& [app_id, epoch] = *others.begin();
  return Error(ErrorKind::failed_precondition,
               "the table holds rows up to epoch " + std::to_string(epoch) + " of another state of stream '" + marker.stream +
                   "' (" + app_id.substr(0, app_id.find('/')) + ")",
               "restore that state, set `take_over: true` to go on from here, or write to another table");
}

std::vector<Action> retire_rivals(const Snapshot& snapshot, const Marker& marker, std::int64_t now_ms) {
  CommitInfo info{.timestamp_ms = now_ms, .operation = "TAKE OVER", .tags = commit_tags(marker)};
  std::vector<Action> actions;
  for (const auto& [app_id, epoch] : rivals(snapshot, marker)) {
    info.tags["from " + app_id] = std::to_string(epoch);
    actions.push_back(Transaction{app_id, kRetired, now_ms});
  }
  actions.insert(actions.begin(), std::move(info));
  return actions;
}

Result<std::optional<Holding>> find_holding(const DeltaLog& log, const Marker& marker) {
  Holding holding;
  const auto others = rivals(log.snapshot(), marker);
  const auto own = log.snapshot().transaction_version(marker.to_string());
  if (!others.empty()) {
    const auto& [app_id, epoch] = *others.begin();
    holding = {app_id.substr(0, app_id.find('/')), epoch, {}};
  } else if (own && *own != kRetired) {
    holding = {marker.state_id, *own, {}};
  } else {
    return std::optional<Holding>();
  }
  Marker writer = marker;
  writer.state_id = holding.state_id;
  const auto tags = commit_tags(writer);
  PENSTOCK_ASSIGN(const auto info, log.find_info([&](const CommitInfo& commit) {
    return commit.tags.contains(kProgressTag) && std::includes(commit.tags.begin(), commit.tags.end(), tags.begin(), tags.end());
  }));
  if (info) holding.progress = info->tags.at(kProgressTag);
  return std::optional(std::move(holding));
}

std::map<std::string, std::string> commit_tags(const Marker& marker) {
  return {{"stream", marker.stream}, {"sink", marker.sink}, {"shard", std::to_string(marker.shard)}, {"state", marker.state_id}};
}

}  // namespace penstock::delta
