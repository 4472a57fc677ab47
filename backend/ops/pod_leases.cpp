// Which shards a pod has: each shard of a stream runs in one pod at a time. It is leased to a pod before that is told to
// run it, and free again when the pod has said that it stopped, or its process has ended.

#include <algorithm>

#include "ops/pod_supervisor_impl.h"

namespace penstock {
namespace {

bool overlap(const std::set<std::int32_t>& leased, std::int32_t shard, std::int32_t all) {
  return shard == all ? !leased.empty() : leased.contains(shard) || leased.contains(all);
}

}  // namespace

PodSupervisor::Impl::Shards PodSupervisor::Impl::shards_of(const StreamStart& start) {
  return start.shards.empty() ? Shards{kAllShards} : Shards(start.shards.begin(), start.shards.end());
}

bool PodSupervisor::Impl::is_leased_elsewhere(const Pod& pod, const std::string& stream, std::int32_t shard) const {
  return std::any_of(pods_.begin(), pods_.end(), [&](const auto& entry) {
    const auto& [name, other] = entry;
    if (other == pod || !other->process) return false;
    // One that was left by another engine and has not told yet what it runs.
    const bool may_have_any = other->is_adopted && !other->has_report;
    if (may_have_any && (name == "shared-0" || name.starts_with(stream + "-"))) return true;
    const auto leased = other->leased.find(stream);
    return leased != other->leased.end() && overlap(leased->second, shard, kAllShards);
  });
}

bool PodSupervisor::Impl::is_due_elsewhere(const Pod& pod, const std::string& stream, std::int32_t shard, bool at_once) const {
  return std::any_of(pods_.begin(), pods_.end(), [&](const auto& entry) {
    const Pod& other = entry.second;
    const StreamStart* start = other != pod && other->is_wanted && !other->held.contains(stream) ? other->find(stream) : nullptr;
    return start && overlap(shards_of(*start), shard, kAllShards) && (!at_once || (other->is_attached && is_ready_for(other, *start, shard)));
  });
}

bool PodSupervisor::Impl::is_ready_for(const Pod& pod, const StreamStart& start, std::int32_t shard) {
  const auto prepared = pod->prepared.find(start.stream);
  if (prepared == pod->prepared.end() || prepared->second.version != start.version) return false;
  return overlap(shards_of(prepared->second), shard, kAllShards);
}

std::optional<StreamStart> PodSupervisor::Impl::coming(const Pod& pod, const std::string& stream) const {
  const StreamStart* asked = pod->is_wanted && !pod->held.contains(stream) ? pod->find(stream) : nullptr;
  if (!asked) return std::nullopt;
  Shards shards;
  bool is_new = false;
  for (const std::int32_t shard : shards_of(*asked)) {
    if (!is_leased_elsewhere(pod, stream, shard)) continue;
    shards.insert(shard);
    is_new = is_new || !is_ready_for(pod, *asked, shard);
  }
  if (!is_new) return std::nullopt;
  StreamStart start = *asked;
  start.shards = shards.contains(kAllShards) ? std::vector<std::int32_t>() : std::vector<std::int32_t>(shards.begin(), shards.end());
  return start;
}

// What cannot be prepared may come all the same: starting it tells why.
Status PodSupervisor::Impl::prepare(Lock& lock, const Pod& pod, const StreamStart& start) {
  const std::shared_ptr<PodLink> link = pod->link;
  lock.unlock();
  const Status prepared = link->prepare_stream(start);
  lock.lock();
  if (!prepared.ok() && does_not_answer(prepared.error().kind)) return prepared;
  pod->prepared[start.stream] = start;
  has_moved_ = true;          // others may give them now
  return {};
}

void PodSupervisor::Impl::use_prepared(const Pod& pod, const StreamStart& started) {
  const auto prepared = pod->prepared.find(started.stream);
  if (prepared == pod->prepared.end()) return;
  const Shards used = shards_of(started);
  auto& shards = prepared->second.shards;
  std::erase_if(shards, [&](std::int32_t shard) { return overlap(used, shard, kAllShards); });
  if (shards.empty()) pod->prepared.erase(prepared);
}

// Is some shard on its way: given back by one pod, and not begun yet by the one that is to have it?
bool PodSupervisor::Impl::is_in_flight(const std::string& stream) const {
  return std::any_of(pods_.begin(), pods_.end(), [&](const auto& entry) {
    const Pod& pod = entry.second;
    const StreamStart* start = pod->is_wanted && pod->is_attached && !pod->held.contains(stream) ? pod->find(stream) : nullptr;
    if (!start) return false;
    const Shards shards = shards_of(*start);
    return std::any_of(shards.begin(), shards.end(), [&](std::int32_t shard) {
      const auto leased = pod->leased.find(stream);
      const bool has = leased != pod->leased.end() && leased->second.contains(shard);
      return !has && !is_leased_elsewhere(pod, stream, shard);
    });
  });
}

bool PodSupervisor::Impl::has_taker(const Pod& pod) const {
  return std::any_of(pod->leased.begin(), pod->leased.end(), [&](const auto& entry) {
    return std::any_of(entry.second.begin(), entry.second.end(), [&](std::int32_t shard) { return is_due_elsewhere(pod, entry.first, shard, false); });
  });
}

std::optional<StreamStart> PodSupervisor::Impl::due(const Pod& pod, const std::string& stream) const {
  if (pod->held.contains(stream)) return std::nullopt;
  const StreamStart* asked = pod->is_wanted ? pod->find(stream) : nullptr;
  const auto running = pod->running.find(stream);
  if (!asked && running == pod->running.end()) return std::nullopt;
  Shards shards;
  if (asked)
    for (const std::int32_t shard : shards_of(*asked))
      if (!is_leased_elsewhere(pod, stream, shard)) shards.insert(shard);
  bool may_give = !is_in_flight(stream);
  if (const auto leased = pod->leased.find(stream); leased != pod->leased.end())
    for (const std::int32_t shard : leased->second) {
      if (asked && shards_of(*asked).contains(shard)) continue;
      if (!is_due_elsewhere(pod, stream, shard, false)) continue;      // nobody is to have it
      if (may_give && is_due_elsewhere(pod, stream, shard, true)) may_give = false;
      else shards.insert(shard);
    }
  if (shards.empty()) return std::nullopt;
  StreamStart start = asked ? *asked : running->second;
  start.shards = shards.contains(kAllShards) ? std::vector<std::int32_t>() : std::vector<std::int32_t>(shards.begin(), shards.end());
  return start;
}

Status PodSupervisor::Impl::lease(const Pod& pod, StreamStart& start) {
  Shards& leased = pod->leased[start.stream];
  const Shards shards = shards_of(start);
  const auto before = pod->running.find(start.stream);
  if (before != pod->running.end() && std::includes(leased.begin(), leased.end(), shards.begin(), shards.end())) {
    start.lease = before->second.lease;
    return {};
  }
  PENSTOCK_ASSIGN(start.lease, parts_.pods.next_lease(start.stream));
  leased.insert(shards.begin(), shards.end());
  return {};
}

}  // namespace penstock
