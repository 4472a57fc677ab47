#include "connectors/sqlite/sqlite_marker.h"

namespace penstock::sqlite {
namespace {

constexpr const char* kOfThisPlace = " WHERE stream = ?1 AND substr(marker, instr(marker, '/')) = ?2 AND retired = 0 AND epoch IS NOT NULL";

Error taken_over(const Marker& marker) {
  return Error(ErrorKind::failed_precondition, "another state of stream '" + marker.stream + "' has taken this table over",
               "go on with that state, or start this stream with a new one and take over again");
}

}  // namespace

Status EpochRow::create_table() {
  return file_.run("CREATE TABLE IF NOT EXISTS penstock_epochs (marker TEXT PRIMARY KEY NOT NULL, stream TEXT NOT NULL, epoch INT, "
                   "retired INT NOT NULL DEFAULT 0, progress TEXT) STRICT");
}

Status EpochRow::claim(bool take_over) {
  const std::string marker = marker_.to_string(), at = place();
  PENSTOCK_TRY(create_table());
  PENSTOCK_TRY(file_.run("INSERT INTO penstock_epochs (marker, stream) VALUES (?, ?) ON CONFLICT DO NOTHING", {marker, marker_.stream}));
  {
    PENSTOCK_ASSIGN(Query own, file_.query("SELECT retired FROM penstock_epochs WHERE marker = ?", {marker}));
    PENSTOCK_ASSIGN(const bool found, own.next());
    if (found && own.integer(0) != 0) return taken_over(marker_);
  }
  if (take_over)
    return file_.run(std::string("UPDATE penstock_epochs SET retired = 1") + kOfThisPlace + " AND marker <> ?3", {marker_.stream, at, marker});
  PENSTOCK_ASSIGN(Query rivals, file_.query(std::string("SELECT substr(marker, 1, instr(marker, '/') - 1), epoch FROM penstock_epochs") + kOfThisPlace +
                                                " AND marker <> ?3 LIMIT 1", {marker_.stream, at, marker}));
  PENSTOCK_ASSIGN(const bool rival, rivals.next());
  if (!rival) return {};
  return Error(ErrorKind::failed_precondition,
               "the file holds rows up to epoch " + std::to_string(rivals.integer(1)) + " of another state of stream '" + marker_.stream + "' (" + rivals.text(0) + ")",
               "restore that state, set `take_over: true` to go on from here, or write to another file");
}

Result<std::optional<Holding>> EpochRow::find_holding() {
  PENSTOCK_TRY(create_table());
  const std::string marker = marker_.to_string(), at = place();
  PENSTOCK_ASSIGN(Query rows, file_.query(std::string("SELECT substr(marker, 1, instr(marker, '/') - 1), epoch, progress FROM penstock_epochs") + kOfThisPlace +
                                              " ORDER BY marker = ?3 LIMIT 1", {marker_.stream, at, marker}));
  PENSTOCK_ASSIGN(const bool found, rows.next());
  if (!found) return std::optional<Holding>();
  return std::optional(Holding{rows.text(0), rows.integer(1), rows.text(2)});
}

Result<std::optional<std::int64_t>> EpochRow::read() {
  const std::string marker = marker_.to_string();
  PENSTOCK_ASSIGN(Query row, file_.query("SELECT epoch, retired FROM penstock_epochs WHERE marker = ?", {marker}));
  PENSTOCK_ASSIGN(const bool found, row.next());
  if (!found) return Error(ErrorKind::failed_precondition, "the sink's row in penstock_epochs is gone", "restore it, or use another table", marker);
  if (row.integer(1) != 0) return taken_over(marker_);
  return row.is_null(0) ? std::optional<std::int64_t>() : std::optional(row.integer(0));
}

Status EpochRow::write(std::int64_t epoch, const std::string& progress) {
  const std::string marker = marker_.to_string();
  return file_.run("UPDATE penstock_epochs SET epoch = ?, progress = ? WHERE marker = ?", {epoch, progress, marker});
}

}  // namespace penstock::sqlite
