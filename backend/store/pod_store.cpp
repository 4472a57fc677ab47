#include "store/pod_store.h"

namespace penstock {
namespace {

PodRecord pod_of(const Query& row) {
  return {row.text(0), row.text(1), row.integer(2), row.integer(3), static_cast<std::int32_t>(row.integer(4)), row.integer(5)};
}

Result<std::vector<PodRecord>> all(Result<Query> query) {
  if (!query.ok()) return query.error();
  std::vector<PodRecord> pods;
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query->next());
    if (!more) return pods;
    pods.push_back(pod_of(*query));
  }
}

#define POD_COLUMNS "name, address, process_id, process_start, restarts, started_at"
#define RESET_COLUMNS "id, pod, at, ended_at, who, why, gap_rows, replayed_rows, lost_rows, doubled_rows, outcome, failed"

}  // namespace

Status PodStore::put(const PodRecord& pod) {
  const auto lock = database_.lock();
  return database_.run("INSERT OR REPLACE INTO pods (" POD_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)",
                       {pod.name, pod.address, pod.process_id, pod.process_start, std::int64_t{pod.restarts}, pod.started_at});
}

Status PodStore::remove(const std::string& name) {
  const auto lock = database_.lock();
  return database_.run("DELETE FROM pods WHERE name = ?", {name});
}

Result<std::optional<PodRecord>> PodStore::get(const std::string& name) const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(auto found, all(database_.query("SELECT " POD_COLUMNS " FROM pods WHERE name = ?", {name})));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<PodRecord>> PodStore::list() const {
  const auto lock = database_.lock();
  return all(database_.query("SELECT " POD_COLUMNS " FROM pods ORDER BY name"));
}

Status PodStore::put_reset(const ResetRecord& reset) {
  const auto lock = database_.lock();
  return database_.run("INSERT OR REPLACE INTO resets (" RESET_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       {reset.id, reset.pod, reset.at, reset.ended_at, reset.who, reset.why, reset.gap_rows, reset.replayed_rows,
                        reset.lost_rows, reset.doubled_rows, reset.outcome, std::int64_t{reset.failed}});
}

Result<std::vector<ResetRecord>> PodStore::resets(const std::string& pod, std::int64_t since, const std::string& who) const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(auto query, database_.query("SELECT " RESET_COLUMNS " FROM resets WHERE pod = ?1 AND at >= ?2 AND (?3 = '' OR who = ?3) ORDER BY at DESC",
                                              {pod, since, who}));
  std::vector<ResetRecord> resets;
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return resets;
    ResetRecord reset;
    reset.id = query.text(0);
    reset.pod = query.text(1);
    reset.at = query.integer(2);
    reset.ended_at = query.integer(3);
    reset.who = query.text(4);
    reset.why = query.text(5);
    reset.gap_rows = query.integer(6);
    reset.replayed_rows = query.integer(7);
    reset.lost_rows = query.integer(8);
    reset.doubled_rows = query.integer(9);
    reset.outcome = query.text(10);
    reset.failed = query.integer(11) != 0;
    resets.push_back(std::move(reset));
  }
}

Result<std::int64_t> PodStore::next_lease(const std::string& stream) {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(auto query, database_.query("INSERT INTO leases (stream, number) VALUES (?, 1) ON CONFLICT (stream) DO UPDATE SET number = number + 1 RETURNING number", {stream}));
  PENSTOCK_ASSIGN(const bool more, query.next());
  if (!more) return Error(ErrorKind::internal, "no lease was given for " + stream);
  const std::int64_t number = query.integer(0);
  PENSTOCK_TRY(query.next());
  return number;
}

Status PodStore::put_scale(const ScaleRecord& scale) {
  const auto lock = database_.lock();
  return database_.run("INSERT OR REPLACE INTO scales (stream, pods, declared) VALUES (?, ?, ?)", {scale.stream, std::int64_t{scale.pods}, std::int64_t{scale.declared}});
}

Status PodStore::remove_scale(const std::string& stream) {
  const auto lock = database_.lock();
  return database_.run("DELETE FROM scales WHERE stream = ?", {stream});
}

Result<std::vector<ScaleRecord>> PodStore::scales() const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(auto query, database_.query("SELECT stream, pods, declared FROM scales ORDER BY stream"));
  std::vector<ScaleRecord> scales;
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return scales;
    scales.push_back({query.text(0), static_cast<std::int32_t>(query.integer(1)), static_cast<std::int32_t>(query.integer(2))});
  }
}

}  // namespace penstock
