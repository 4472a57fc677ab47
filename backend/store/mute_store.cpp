#include "store/mute_store.h"

namespace penstock {

Status MuteStore::put(const MuteRecord& mute) {
  const auto lock = database_.lock();
  return database_.run("INSERT OR REPLACE INTO mutes (pipeline, step, expectation, at, who, why) VALUES (?, ?, ?, ?, ?, ?)",
                       {mute.pipeline, mute.step, mute.expectation, mute.at, mute.who, mute.why});
}

Result<bool> MuteStore::remove(const std::string& pipeline, const std::string& step, const std::string& expectation) {
  const auto lock = database_.lock();
  PENSTOCK_TRY(database_.run("DELETE FROM mutes WHERE pipeline = ? AND step = ? AND expectation = ?", {pipeline, step, expectation}));
  return database_.rows_changed() > 0;
}

Result<std::vector<MuteRecord>> MuteStore::list() const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(auto query, database_.query("SELECT pipeline, step, expectation, at, who, why FROM mutes ORDER BY at, pipeline, step, expectation"));
  std::vector<MuteRecord> mutes;
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return mutes;
    mutes.push_back({query.text(0), query.text(1), query.text(2), query.integer(3), query.text(4), query.text(5)});
  }
}

}  // namespace penstock
