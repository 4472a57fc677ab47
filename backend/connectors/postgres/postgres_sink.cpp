#include "connectors/postgres/postgres_sink.h"

#include "base/crash_point.h"
#include "connectors/postgres/row_loader.h"
#include "io/epoch_order.h"
#include "record/batch_builder.h"

namespace penstock {

using postgres::Connection;
using postgres::RowList;
using postgres::RowLoader;

namespace {

// Rows of before a new column came, as rows of now: what they lack is NULL.
Result<Batch> conform(const Batch& rows, const SchemaPtr& schema) {
  if (*rows.schema() == *schema) return rows;
  BatchBuilder builder(schema);
  std::size_t found = 0;
  for (std::size_t i = 0; i < schema->size(); ++i) {
    const auto column = rows.find((*schema)[i].name);
    if (column && column->type() == (*schema)[i].type) {
      builder[i].append_range(*column, 0, rows.rows());
      ++found;
    } else {
      for (std::int64_t row = 0; row < rows.rows(); ++row) builder[i].append_null();
    }
  }
  if (found == rows.schema()->size()) return builder.finish();
  return Error(ErrorKind::failed_precondition, "the rows have other columns than the sink was opened for: " + rows.schema()->to_string());
}

Result<SinkEpoch> conform(const SinkEpoch& epoch, const SchemaPtr& schema) {
  SinkEpoch conformed = epoch;
  for (Batch& rows : conformed.rows) {
    if (rows.empty()) continue;
    PENSTOCK_ASSIGN(rows, conform(rows, schema));
  }
  return conformed;
}

}  // namespace

SinkTraits PostgresSink::traits() const {
  return {.idempotent = true, .replaces = true, .flush = options_.flush};
}

// Deferred constraints speak up at COMMIT, too late to tell which row they mean.
Status PostgresSink::begin() {
  PENSTOCK_TRY(connection_->run("BEGIN"));
  return connection_->run("SET CONSTRAINTS ALL IMMEDIATE");
}

void PostgresSink::roll_back() {
  if (!connection_ || connection_->broken() || !connection_->run("ROLLBACK").ok()) connection_.reset();
}

Result<std::optional<std::int64_t>> PostgresSink::open(const Marker& marker, const SchemaPtr& schema) {
  schema_ = schema;
  holding_.reset();
  connection_.reset();
  PENSTOCK_ASSIGN(connection_, Connection::open(options_.connection));
  marker_ = std::make_unique<postgres::EpochMarker>(options_.table, marker);

  const auto prepare = [&]() -> Result<std::optional<std::int64_t>> {
    PENSTOCK_TRY(begin());
    const std::vector<std::string> key = options_.mode == PostgresMode::upsert ? options_.key : std::vector<std::string>();
    PENSTOCK_ASSIGN(table_, postgres::prepare_table(*connection_, options_.table, *schema, key, options_.adds_columns));
    PENSTOCK_ASSIGN(holding_, marker_->find_holding(*connection_));
    PENSTOCK_TRY(marker_->claim(*connection_, options_.take_over || marker.take_over));
    PENSTOCK_ASSIGN(const auto epoch, marker_->read(*connection_));
    PENSTOCK_TRY(connection_->run("COMMIT"));
    return epoch;
  };
  auto epoch = prepare();
  if (!epoch.ok()) {
    connection_.reset();
    return epoch;
  }
  last_epoch_ = *epoch;
  return last_epoch_;
}

Status PostgresSink::deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) {
  if (!connection_) return Error(ErrorKind::unavailable, "the sink is not connected");
  if (epochs.empty()) return {};
  PENSTOCK_TRY(check_epoch_order(last_epoch_, epochs));
  const Status done = transact(epochs, record_rejects, cancellation);
  if (!done.ok()) roll_back();
  return done;
}

Status PostgresSink::transact(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) {
  PENSTOCK_TRY(begin());
  PENSTOCK_ASSIGN(const auto marked, marker_->read(*connection_));
  if (marked != last_epoch_)
    return Error(ErrorKind::failed_precondition, "another process writes to this table under the same marker", "stop it");

  std::vector<RefusedRow> refused;
  std::vector<SinkEpoch> conformed;
  for (const SinkEpoch& epoch : epochs) {
    PENSTOCK_ASSIGN(SinkEpoch one, conform(epoch, schema_));
    conformed.push_back(std::move(one));
  }
  PENSTOCK_TRY(load(conformed, refused, cancellation));
  if (!refused.empty()) PENSTOCK_TRY(record_rejects(refused));
  PENSTOCK_TRY(marker_->write(*connection_, epochs.back().epoch, epochs.back().progress));
  if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the delivery was cancelled");
  crash_point("postgres.before_commit");
  PENSTOCK_TRY(connection_->run("COMMIT"));
  crash_point("postgres.after_commit");
  last_epoch_ = epochs.back().epoch;
  return {};
}

Status PostgresSink::load(const std::vector<SinkEpoch>& epochs, std::vector<RefusedRow>& refused, Cancellation cancellation) {
  RowLoader loader(*connection_, table_, cancellation);
  RowList rows;
  if (options_.mode == PostgresMode::replace) {
    PENSTOCK_TRY(connection_->run("DELETE FROM " + table_.name.quoted(), {}, cancellation));
    rows.append(epochs.back());
  } else {
    for (const SinkEpoch& epoch : epochs) {
      if (!epoch.replaces.empty()) {
        PENSTOCK_TRY(loader.load(rows));
        rows = RowList();
        for (const Replacement& replacement : epoch.replaces) PENSTOCK_TRY(take_away(replacement, cancellation));
      }
      rows.append(epoch);
    }
  }
  PENSTOCK_TRY(loader.load(rows));
  refused = loader.refused();
  return {};
}

Status PostgresSink::take_away(const Replacement& replacement, Cancellation cancellation) {
  PENSTOCK_ASSIGN(const std::string column, postgres::quoted_name(replacement.column));
  const std::string from = std::to_string(replacement.from), until = std::to_string(replacement.until);
  if (replacement.column != origin::offset) {
    const auto time = [](const char* parameter) { return "'epoch'::timestamptz + " + std::string(parameter) + "::bigint * interval '1 microsecond'"; };
    const std::string of_shard = replacement.shard < 0 ? "" : " AND _shard = " + std::to_string(replacement.shard);
    return connection_->run("DELETE FROM " + table_.name.quoted() + " WHERE " + column + " >= " + time("$1") + " AND " + column + " < " + time("$2") + of_shard,
                            {from, until}, cancellation);
  }
  if (!table_.has_origin)
    return Error(ErrorKind::failed_precondition, "the table " + table_.name.quoted() + " does not keep where its rows came from, so a range of them cannot be replaced",
                 "add the columns _source text, _partition integer and _offset bigint");
  return connection_->run("DELETE FROM " + table_.name.quoted() + " WHERE _source = $1 AND _partition = $2::integer AND _offset >= $3::bigint AND _offset < $4::bigint",
                          {replacement.source, std::to_string(replacement.partition), from, until}, cancellation);
}

}  // namespace penstock
