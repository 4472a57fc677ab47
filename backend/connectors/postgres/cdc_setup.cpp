// Before the first record: what the server must have, the slot with its snapshot, how the table is divided.

#include <algorithm>
#include <sstream>

#include "base/crash_point.h"
#include "base/log.h"
#include "connectors/postgres/cdc_source.h"

namespace penstock::postgres {
namespace {

constexpr std::int64_t kBlocksOfARange = 512;      // 4 MiB: smaller tables are not divided

Value only(const Rows& rows) { return rows.empty() || rows.front().empty() ? Value() : rows.front().front(); }

ConnectionOptions endless(ConnectionOptions options, bool replication) {
  options.statement_timeout = std::chrono::milliseconds(0);
  options.replication = replication;
  return options;
}

}  // namespace

Status CdcSource::prepare(Cancellation) {
  PENSTOCK_ASSIGN(control_, Connection::open(options_.connection));
  PENSTOCK_TRY(check_server());
  PENSTOCK_TRY(read_columns());
  PENSTOCK_ASSIGN(auto kept, CdcState::load(options_.state_path));
  if (!kept || kept->creating) {
    PENSTOCK_ASSIGN(const auto slot, ask_slot());
    if (slot && !kept)
      return Error(ErrorKind::failed_precondition, "the server has a replication slot " + options_.slot + " already, and this stream has not made it: it stands at " + lsn_text(slot->confirmed),
                   "choose another `slot`, or drop it: SELECT pg_drop_replication_slot('" + options_.slot + "')");
    if (slot) PENSTOCK_TRY(control_->run("SELECT pg_drop_replication_slot($1)", {options_.slot}));
    PENSTOCK_TRY(make_publication());
    PENSTOCK_TRY(make_slot());
  } else {
    state_ = std::move(*kept);
    if (state_.slot != options_.slot)
      return Error(ErrorKind::failed_precondition, "this stream reads by the slot " + state_.slot + ", and is to read by " + options_.slot + " now: where that stands nobody can say",
                   "name the slot that it was, or begin a new stream");
  }
  confirmed_ = state_.confirmed;
  prepared_ = true;
  return {};
}

Status CdcSource::check_server() {
  PENSTOCK_ASSIGN(const Rows level, control_->query("SELECT current_setting('wal_level')"));
  if (only(level) != "logical")
    return Error(ErrorKind::failed_precondition, "the server's wal_level is " + only(level).value_or("unknown") + ", and changes are told with wal_level = logical alone", "set it in postgresql.conf and start the server again");
  return {};
}

Status CdcSource::read_columns() {
  PENSTOCK_ASSIGN(const Rows found, control_->query("SELECT c.oid, c.relreplident, c.relkind, GREATEST(c.reltuples, 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
                                                    {options_.table.schema, options_.table.table}));
  if (found.empty()) return Error(ErrorKind::not_found, "there is no table " + options_.table.quoted(), "check `table` and the connection");
  if (found[0][2] != "r") return Error(ErrorKind::unsupported, options_.table.quoted() + " is no ordinary table", "one table, or one partition of it");
  estimated_rows_ = std::stoll(found[0][3].value_or("0"));
  PENSTOCK_ASSIGN(const Rows columns, control_->query("SELECT attname, atttypid, atttypmod FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum", {found[0][0]}));
  std::vector<Relation::Column> all;
  std::vector<std::uint32_t> types;
  for (const auto& row : columns) {
    Relation::Column column{.name = row[0].value_or(""), .type = static_cast<std::uint32_t>(std::stoul(row[1].value_or("0"))), .modifier = std::stoi(row[2].value_or("-1"))};
    column.in_key = std::find(options_.key.begin(), options_.key.end(), column.name) != options_.key.end();
    types.push_back(column.type);
    all.push_back(std::move(column));
  }
  for (const std::string& key : options_.key)
    if (std::none_of(all.begin(), all.end(), [&](const auto& column) { return column.name == key; }))
      return Error(ErrorKind::failed_precondition, options_.table.quoted() + " has no column '" + key + "'", "`key` names the columns of its primary key");
  PENSTOCK_TRY(look_at_key(found[0][0].value_or("0")));
  PENSTOCK_TRY(types_.learn(*control_, types));
  table_ = RecordTable(std::move(all), types_);
  return {};
}

// A unique index over some of the key's columns, of which none is NULL.
Status CdcSource::look_at_key(const std::string& table_oid) {
  PENSTOCK_ASSIGN(const Rows indexes, control_->query("SELECT (SELECT string_agg(CASE WHEN a.attnotnull THEN '=' || a.attname ELSE '?' END, chr(10)) FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])) "
                                                      "FROM pg_index i WHERE i.indrelid = $1::oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL", {table_oid}));
  key_is_unique_ = std::any_of(indexes.begin(), indexes.end(), [&](const auto& index) {
    std::istringstream names(index[0].value_or(""));
    bool is_key = index[0].has_value();
    for (std::string name; std::getline(names, name);) is_key = is_key && name.starts_with('=') && std::find(options_.key.begin(), options_.key.end(), name.substr(1)) != options_.key.end();
    return is_key;
  });
  return {};
}

Status CdcSource::make_publication() {
  PENSTOCK_ASSIGN(const Rows there, control_->query("SELECT 1 FROM pg_publication WHERE pubname = $1", {options_.publication}));
  PENSTOCK_ASSIGN(const std::string quoted, quoted_name(options_.publication));
  if (there.empty()) return control_->run("CREATE PUBLICATION " + quoted + " FOR TABLE " + options_.table.quoted());
  PENSTOCK_ASSIGN(const Rows tells, control_->query("SELECT 1 FROM pg_publication_tables WHERE pubname = $1 AND schemaname = $2 AND tablename = $3", {options_.publication, options_.table.schema, options_.table.table}));
  if (tells.empty())
    return Error(ErrorKind::failed_precondition, "the publication " + options_.publication + " does not tell of " + options_.table.quoted(), "ALTER PUBLICATION " + quoted + " ADD TABLE " + options_.table.quoted());
  return {};
}

Status CdcSource::make_slot() {
  state_ = CdcState{.slot = options_.slot, .creating = true};
  PENSTOCK_TRY(state_.save(options_.state_path));
  crash_point("cdc.before_slot");
  PENSTOCK_ASSIGN(replication_, Connection::open(endless(options_.connection, true)));
  PENSTOCK_ASSIGN(const std::string quoted, quoted_name(options_.slot));
  PENSTOCK_ASSIGN(const Rows made, replication_->simple("CREATE_REPLICATION_SLOT " + quoted + " LOGICAL pgoutput (SNAPSHOT 'export')"));
  crash_point("cdc.after_slot");
  const auto begin = made.empty() || made[0].size() < 3 ? std::nullopt : parse_lsn(made[0][1].value_or(""));
  if (!begin) return Error(ErrorKind::internal, "the server does not say where the slot begins");
  snapshot_ = made[0][2].value_or("");
  state_.begin = state_.confirmed = *begin;
  PENSTOCK_TRY(divide());
  state_.creating = false;
  log_info("the slot {} begins at {}, and the table is copied in {} ranges", options_.slot, lsn_text(*begin), state_.ranges.size());
  return state_.save(options_.state_path);
}

// By blocks: every row is in one range, whatever its key. A row that an update moves meanwhile is told by the log.
Status CdcSource::divide() {
  PENSTOCK_ASSIGN(const Rows size, control_->query("SELECT pg_relation_size($1::regclass) / current_setting('block_size')::bigint", {options_.table.quoted()}));
  const std::int64_t blocks = std::stoll(only(size).value_or("0"));
  const std::int64_t ranges = std::clamp<std::int64_t>(blocks / kBlocksOfARange, 1, std::int64_t{options_.sessions} * 4);
  for (std::int64_t i = 0; i < ranges; ++i) {
    SnapshotRange range{blocks * i / ranges, std::nullopt, std::nullopt};
    if (i + 1 < ranges) range.end_block = blocks * (i + 1) / ranges;
    state_.ranges.push_back(range);
  }
  return {};
}

Result<std::optional<CdcSource::Slot>> CdcSource::ask_slot() {
  PENSTOCK_ASSIGN(const Rows rows, control_->query("SELECT confirmed_flush_lsn, pg_current_wal_lsn(), wal_status FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'logical'", {options_.slot}));
  if (rows.empty()) return std::optional<Slot>();
  return std::optional(Slot{parse_lsn(rows[0][0].value_or("0/0")).value_or(0), parse_lsn(rows[0][1].value_or("0/0")).value_or(0), rows[0][2].value_or("")});
}

// The slot must still hold everything behind what is durable here.
Status CdcSource::check_slot(const std::optional<Slot>& slot) const {
  const auto position = next_.find(0);
  const Lsn taken = position == next_.end() ? state_.begin : ChangePlace::of_offset(position->second).commit;
  const Lsn ours = std::max({taken, state_.confirmed, state_.begin});
  const std::string remedy = "take the table over anew: a new stream, or another `slot` with the state reset";
  if (!slot) {
    PENSTOCK_ASSIGN(const Rows now, control_->query("SELECT pg_current_wal_lsn()"));
    return Error(ErrorKind::data_loss, "the replication slot " + options_.slot + " is gone: changes of " + name() + " from " + lsn_text(ours) + " to " + only(now).value_or("?") + " are lost or at risk", remedy, options_.slot);
  }
  if (slot->wal_status == "lost")
    return Error(ErrorKind::data_loss, "the server has thrown away the log of the replication slot " + options_.slot + ": changes of " + name() + " from " + lsn_text(ours) + " to " + lsn_text(slot->server) + " are lost or at risk", remedy, options_.slot);
  if (slot->confirmed > ours)
    return Error(ErrorKind::data_loss, "somebody has moved the replication slot " + options_.slot + " on: changes of " + name() + " from " + lsn_text(ours) + " to " + lsn_text(slot->confirmed) + " are lost or at risk", remedy, options_.slot);
  return {};
}

}  // namespace penstock::postgres
