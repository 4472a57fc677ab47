#include "store/versions.h"

namespace penstock {
namespace {

AppliedVersion version_of(const Query& row) {
  return {row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4), row.text(5)};
}

#define VERSION_COLUMNS "number, applied_at, who, why, folder, digest"

Result<std::optional<AppliedVersion>> one(Result<Query> query) {
  if (!query.ok()) return query.error();
  PENSTOCK_ASSIGN(const bool found, query->next());
  return found ? std::optional(version_of(*query)) : std::nullopt;
}

}  // namespace

Result<std::int64_t> Versions::add(const AppliedVersion& version) {
  const auto lock = database_.lock();
  PENSTOCK_TRY(database_.run("INSERT INTO versions (applied_at, who, why, folder, digest) VALUES (?, ?, ?, ?, ?)",
                             {version.applied_at, version.who, version.why, version.folder, version.digest}));
  return database_.last_row_id();
}

Result<std::optional<AppliedVersion>> Versions::latest() const {
  const auto lock = database_.lock();
  return one(database_.query("SELECT " VERSION_COLUMNS " FROM versions ORDER BY number DESC LIMIT 1"));
}

Result<std::optional<AppliedVersion>> Versions::get(std::int64_t number) const {
  const auto lock = database_.lock();
  return one(database_.query("SELECT " VERSION_COLUMNS " FROM versions WHERE number = ?", {number}));
}

Result<std::vector<AppliedVersion>> Versions::list(std::int64_t offset, std::int32_t limit) const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(auto query, database_.query("SELECT " VERSION_COLUMNS " FROM versions ORDER BY number DESC LIMIT ? OFFSET ?",
                                              {std::int64_t{limit}, offset}));
  std::vector<AppliedVersion> versions;
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return versions;
    versions.push_back(version_of(query));
  }
}

}  // namespace penstock
