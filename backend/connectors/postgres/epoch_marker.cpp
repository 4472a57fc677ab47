#include "connectors/postgres/epoch_marker.h"

#include <charconv>

#include "connectors/postgres/postgres_table.h"

namespace penstock::postgres {
namespace {

constexpr const char* kTable = "penstock_epochs";
constexpr const char* kOfThisPlace = " WHERE stream = $1 AND substr(marker, strpos(marker, '/')) = $2 AND NOT retired AND epoch IS NOT NULL";

}  // namespace

EpochMarker::EpochMarker(const TableName& target, Marker marker)
    : schema_(target.schema), table_(target.sibling(kTable)), marker_(std::move(marker)) {}

Status EpochMarker::create_table(Connection& connection) const {
  PENSTOCK_ASSIGN(const Rows known, connection.query("SELECT bool_or(column_name = 'progress') FROM information_schema.columns "
                                                     "WHERE table_schema = $1 AND table_name = $2", {schema_, kTable}));
  if (known[0][0] == "t") return {};
  PENSTOCK_TRY(lock_creation(connection));
  if (known[0][0]) return connection.run("ALTER TABLE " + table_ + " ADD COLUMN IF NOT EXISTS progress text");
  return connection.run("CREATE TABLE IF NOT EXISTS " + table_ +
                        " (marker text PRIMARY KEY, stream text NOT NULL, epoch bigint, retired boolean NOT NULL DEFAULT false, "
                        "updated_at timestamptz NOT NULL DEFAULT now(), progress text)");
}

Status EpochMarker::claim(Connection& connection, bool take_over) const {
  PENSTOCK_TRY(create_table(connection));
  const std::string marker = marker_.to_string();
  PENSTOCK_TRY(connection.run("INSERT INTO " + table_ + " (marker, stream) VALUES ($1, $2) ON CONFLICT DO NOTHING", {marker, marker_.stream}));

  PENSTOCK_ASSIGN(const Rows own, connection.query("SELECT retired FROM " + table_ + " WHERE marker = $1", {marker}));
  if (!own.empty() && own[0][0] == "t")
    return Error(ErrorKind::failed_precondition, "another state of stream '" + marker_.stream + "' has taken this table over",
                 "go on with that state, or start this stream with a new one and take over again");

  const std::string others = std::string(kOfThisPlace) + " AND marker <> $3";
  const std::vector<Value> parameters = {marker_.stream, place(), marker};
  if (take_over) return connection.run("UPDATE " + table_ + " SET retired = true, updated_at = now()" + others, parameters);
  PENSTOCK_ASSIGN(const Rows rivals, connection.query("SELECT split_part(marker, '/', 1), epoch FROM " + table_ + others + " LIMIT 1", parameters));
  if (rivals.empty()) return {};
  return Error(ErrorKind::failed_precondition,
               "the table holds rows up to epoch " + rivals[0][1].value_or("") + " of another state of stream '" + marker_.stream + "' (" +
                   rivals[0][0].value_or("") + ")",
               "restore that state, set `take_over: true` to go on from here, or write to another table");
}

Result<std::optional<Holding>> EpochMarker::find_holding(Connection& connection) const {
  PENSTOCK_TRY(create_table(connection));
  PENSTOCK_ASSIGN(const Rows rows, connection.query("SELECT split_part(marker, '/', 1), epoch, progress FROM " + table_ + kOfThisPlace + " ORDER BY marker = $3 LIMIT 1",
                                                    {marker_.stream, place(), marker_.to_string()}));
  if (rows.empty()) return std::optional<Holding>();
  Holding holding{rows[0][0].value_or(""), 0, rows[0][2].value_or("")};
  const std::string epoch = rows[0][1].value_or("");
  std::from_chars(epoch.data(), epoch.data() + epoch.size(), holding.epoch);
  return std::optional(std::move(holding));
}

Result<std::optional<std::int64_t>> EpochMarker::read(Connection& connection) const {
  PENSTOCK_ASSIGN(const Rows rows,
                  connection.query("SELECT epoch, retired FROM " + table_ + " WHERE marker = $1 FOR UPDATE", {marker_.to_string()}));
  if (rows.empty())
    return Error(ErrorKind::failed_precondition, "the sink's row in " + table_ + " is gone", "restore it, or use another table", marker_.to_string());
  if (rows[0][1] == "t")
    return Error(ErrorKind::failed_precondition, "another state of stream '" + marker_.stream + "' has taken this table over");
  if (!rows[0][0]) return std::optional<std::int64_t>();
  std::int64_t epoch = 0;
  const std::string& text = *rows[0][0];
  std::from_chars(text.data(), text.data() + text.size(), epoch);
  return std::optional(epoch);
}

Status EpochMarker::write(Connection& connection, std::int64_t epoch, const std::string& progress) const {
  return connection.run("UPDATE " + table_ + " SET epoch = $2, progress = $3, updated_at = now() WHERE marker = $1",
                        {marker_.to_string(), std::to_string(epoch), progress});
}

}  // namespace penstock::postgres
