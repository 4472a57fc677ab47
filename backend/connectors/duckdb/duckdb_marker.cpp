#include "connectors/duckdb/duckdb_marker.h"

#include "sql/sql_text.h"

namespace penstock::duckdb_file {
namespace {

constexpr const char* kTable = "CREATE TABLE IF NOT EXISTS main.penstock_epochs (state_id VARCHAR NOT NULL, place VARCHAR NOT NULL, stream VARCHAR NOT NULL, "
                               "epoch BIGINT, retired BOOLEAN NOT NULL, progress VARCHAR)";

// The sink and shard, whichever state writes them.
std::string where_place(const Marker& marker) {
  return " WHERE stream = " + quote_text(marker.stream) + " AND place = " + quote_text(marker.sink + "/" + std::to_string(marker.shard));
}

std::string where_own(const Marker& marker) { return where_place(marker) + " AND state_id = " + quote_text(marker.state_id); }

}  // namespace

Result<std::optional<Holding>> find_holding(DuckDbFile& file, const Marker& marker) {
  PENSTOCK_TRY(file.run(kTable));
  PENSTOCK_ASSIGN(const auto rows, file.query("SELECT state_id, epoch, coalesce(progress, '') FROM main.penstock_epochs" + where_place(marker) +
                                              " AND NOT retired AND epoch IS NOT NULL ORDER BY state_id = " + quote_text(marker.state_id) + " LIMIT 1"));
  if (rows.empty()) return std::optional<Holding>();
  const Batch& row = rows.front();
  return std::optional(Holding{std::string(row.column(0).bytes(0)), row.column(1).int64(0), std::string(row.column(2).bytes(0))});
}

Status claim(DuckDbFile& file, const Marker& marker, bool take_over) {
  PENSTOCK_ASSIGN(const auto own, file.query("SELECT retired FROM main.penstock_epochs" + where_own(marker)));
  if (own.empty())
    PENSTOCK_TRY(file.run("INSERT INTO main.penstock_epochs VALUES (" + quote_text(marker.state_id) + ", " + quote_text(marker.sink + "/" + std::to_string(marker.shard)) + ", " +
                          quote_text(marker.stream) + ", NULL, false, NULL)"));
  PENSTOCK_TRY(read_epoch(file, marker));
  const std::string rivals = where_place(marker) + " AND state_id <> " + quote_text(marker.state_id) + " AND NOT retired AND epoch IS NOT NULL";
  if (take_over) return file.run("UPDATE main.penstock_epochs SET retired = true" + rivals);
  PENSTOCK_ASSIGN(const auto found, file.query("SELECT state_id, epoch FROM main.penstock_epochs" + rivals + " LIMIT 1"));
  if (found.empty()) return {};
  return Error(ErrorKind::failed_precondition,
               "the file holds rows up to epoch " + std::to_string(found.front().column(1).int64(0)) + " of another state of stream '" + marker.stream + "' (" +
                   std::string(found.front().column(0).bytes(0)) + ")",
               "restore that state, set `take_over: true` to go on from here, or write to another file");
}

Result<std::optional<std::int64_t>> read_epoch(DuckDbFile& file, const Marker& marker) {
  PENSTOCK_ASSIGN(const auto rows, file.query("SELECT epoch, retired FROM main.penstock_epochs" + where_own(marker)));
  if (rows.empty()) return Error(ErrorKind::failed_precondition, "the sink's row in penstock_epochs is gone", "restore it, or use another table", marker.to_string());
  if (rows.front().column(1).boolean(0))
    return Error(ErrorKind::failed_precondition, "another state of stream '" + marker.stream + "' has taken this table over",
                 "go on with that state, or start this stream with a new one and take over again");
  const ColumnView epoch = rows.front().column(0);
  return epoch.is_null(0) ? std::optional<std::int64_t>() : std::optional(epoch.int64(0));
}

Status write_epoch(DuckDbFile& file, const Marker& marker, std::int64_t epoch, const std::string& progress) {
  return file.run("UPDATE main.penstock_epochs SET epoch = " + std::to_string(epoch) + ", progress = " + quote_text(progress) + where_own(marker));
}

}  // namespace penstock::duckdb_file
