#include "store/replay_store.h"

namespace penstock {
namespace {

ReplayRecord replay_of(const Query& row) {
  ReplayRecord replay;
  replay.id = row.text(0);
  replay.pipeline = row.text(1);
  replay.kind = row.text(2);
  replay.status = row.text(3);
  replay.rows_total = row.integer(4);
  replay.rows_done = row.integer(5);
  replay.rate_limit = row.real(6);
  replay.started_at = row.integer(7);
  replay.ended_at = row.integer(8);
  replay.outcome = row.text(9);
  replay.from_time = row.integer(10);
  replay.to_time = row.integer(11);
  replay.who = row.text(12);
  replay.why = row.text(13);
  replay.plan = row.text(14);
  return replay;
}

#define REPLAY_COLUMNS                                                                                                       \
  "id, pipeline, kind, status, rows_total, rows_done, rate_limit, started_at, ended_at, outcome, from_time, to_time, who, " \
  "why, plan"

Result<std::vector<ReplayRecord>> all(Result<Query> query) {
  if (!query.ok()) return query.error();
  std::vector<ReplayRecord> replays;
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query->next());
    if (!more) return replays;
    replays.push_back(replay_of(*query));
  }
}

Status one_changed(const Database& database, const std::string& id) {
  if (database.rows_changed() == 1) return {};
  return Error(ErrorKind::not_found, "no replay has the id " + id);
}

}  // namespace

Status ReplayStore::put(const ReplayRecord& replay) {
  const auto lock = database_.lock();
  return database_.run("INSERT INTO replays (" REPLAY_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                       "ON CONFLICT (id) DO UPDATE SET pipeline = excluded.pipeline, kind = excluded.kind, status = excluded.status, "
                       "rows_total = excluded.rows_total, rows_done = excluded.rows_done, rate_limit = excluded.rate_limit, "
                       "started_at = excluded.started_at, ended_at = excluded.ended_at, outcome = excluded.outcome, "
                       "from_time = excluded.from_time, to_time = excluded.to_time, who = excluded.who, why = excluded.why, plan = excluded.plan",
                       {replay.id, replay.pipeline, replay.kind, replay.status, replay.rows_total, replay.rows_done, replay.rate_limit,
                        replay.started_at, replay.ended_at, replay.outcome, replay.from_time, replay.to_time, replay.who, replay.why, replay.plan});
}

Status ReplayStore::progress(const std::string& id, const std::string& status, std::int64_t rows_total, std::int64_t rows_done) {
  const auto lock = database_.lock();
  PENSTOCK_TRY(database_.run("UPDATE replays SET status = ?, rows_total = ?, rows_done = ? WHERE id = ?", {status, rows_total, rows_done, id}));
  return one_changed(database_, id);
}

Status ReplayStore::end(const std::string& id, const std::string& status, std::int64_t rows_done, const std::string& outcome, std::int64_t at) {
  const auto lock = database_.lock();
  PENSTOCK_TRY(database_.run("UPDATE replays SET status = ?, rows_done = ?, outcome = ?, ended_at = ? WHERE id = ?",
                             {status, rows_done, outcome, at, id}));
  return one_changed(database_, id);
}

Result<std::optional<ReplayRecord>> ReplayStore::get(const std::string& id) const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(auto found, all(database_.query("SELECT " REPLAY_COLUMNS " FROM replays WHERE id = ?", {id})));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<ReplayPage> ReplayStore::list(std::int64_t offset, std::int32_t limit) const {
  const auto lock = database_.lock();
  ReplayPage page;
  {
    PENSTOCK_ASSIGN(auto query, database_.query("SELECT count(*) FROM replays"));
    PENSTOCK_TRY(query.next());
    page.total = query.integer(0);
  }
  PENSTOCK_ASSIGN(page.replays, all(database_.query("SELECT " REPLAY_COLUMNS " FROM replays ORDER BY number DESC LIMIT ? OFFSET ?",
                                                    {std::int64_t{limit}, offset})));
  return page;
}

Result<std::vector<ReplayRecord>> ReplayStore::unfinished() const {
  const auto lock = database_.lock();
  return all(database_.query("SELECT " REPLAY_COLUMNS " FROM replays WHERE status IN ('planned', 'running', 'paused', 'verifying') ORDER BY number"));
}

}  // namespace penstock
