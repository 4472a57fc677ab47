#include "connectors/postgres/cdc_source.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/crash_point.h"
#include "base/log.h"

namespace penstock::postgres {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTellEvery{1'000}, kSignOfLife{10'000}, kQuiet{1'500};

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

std::string megabytes(Lsn bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

Result<std::vector<PartitionRange>> CdcSource::partitions() {
  if (!prepared_) PENSTOCK_TRY(prepare({}));
  PENSTOCK_ASSIGN(slot_, ask_slot());
  if (slot_) server_ = slot_->server;
  if (streaming_) PENSTOCK_TRY(check_slot(slot_));
  find_concern();

  std::vector<PartitionRange> ranges;
  // How many changes wait nobody can say before they were read: one stands for them.
  const bool quiet = options_.clock->steady() - given_at_ >= kQuiet;
  const bool caught_up = streaming_ && !transaction_ && reached_ >= server_ && quiet;
  const auto next = next_.find(0);
  ranges.push_back({0, 0, (next == next_.end() ? 0 : next->second) + (caught_up ? 0 : 1)});
  for (std::size_t i = 0; i < state_.ranges.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i) + 1;
    const auto taken = next_.find(partition);
    const std::int64_t at = taken == next_.end() ? 0 : taken->second;
    const std::int64_t guess = estimated_rows_ / static_cast<std::int64_t>(state_.ranges.size()) * 6 / 5 + 1'000;
    ranges.push_back({partition, 0, state_.ranges[i].end.value_or(std::max(at + 1, guess))});
  }
  return ranges;
}

Status CdcSource::assign(const std::vector<Assignment>& assignments) {
  if (!prepared_) PENSTOCK_TRY(prepare({}));
  next_.clear();
  copies_.clear();
  copying_ = streaming_ = announced_ = false;
  transaction_.reset();
  told_.clear();
  for (const Assignment& assignment : assignments) {
    if (assignment.until) return Error(ErrorKind::unsupported, "the changes of " + name() + " cannot be read a second time: the server keeps those alone that were not taken yet");
    if (assignment.from) next_[assignment.partition] = *assignment.from;
  }
  durable_ = next_;
  first_copy_ = key_is_unique_ && next_.empty();
  from_ = next_.contains(0) ? next_[0] : 0;
  PENSTOCK_ASSIGN(const auto slot, ask_slot());
  return check_slot(slot);
}

Result<PollOutcome> CdcSource::poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) {
  Result<PollOutcome> outcome = PollOutcome::idle;
  if (!streaming_ && !snapshot_is_done()) {
    outcome = poll_copies(out, limits);
  } else {
    if (!streaming_) PENSTOCK_TRY(begin_log(cancellation));
    outcome = poll_log(out, limits);
  }
  if (outcome.ok() && *outcome == PollOutcome::rows) given_at_ = options_.clock->steady();
  return outcome;
}

Status CdcSource::begin_log(Cancellation cancellation) {
  ConnectionOptions options = options_.connection;
  options.statement_timeout = milliseconds(0);
  options.replication = true;
  if (!replication_) {
    PENSTOCK_ASSIGN(replication_, Connection::open(options));
  }
  PENSTOCK_ASSIGN(const std::string slot, quoted_name(options_.slot));
  PENSTOCK_ASSIGN(const std::string publication, quoted_name(options_.publication));
  const Lsn start = from_ == 0 ? state_.begin : ChangePlace::of_offset(from_).commit;
  const Status begun = replication_->copy_out("START_REPLICATION SLOT " + slot + " LOGICAL " + lsn_text(start) + " (proto_version '1', publication_names '" + publication + "')", cancellation);
  if (!begun.ok()) {
    const Error& error = begun.error();
    // A session of ours that was cut off still holds the slot for a moment.
    if (error.message.find("is active for PID") != std::string::npos) return Error(ErrorKind::unavailable, error.message);
    if (error.message.find("can no longer get changes") != std::string::npos || error.message.find("does not exist") != std::string::npos)
      return Error(ErrorKind::data_loss, error.message + ": changes of " + name() + " from " + lsn_text(std::max(start, state_.confirmed)) + " on are lost or at risk", "take the table over anew: a new stream, or another `slot` with the state reset");
    return error;
  }
  streaming_ = true;
  reached_ = std::max(reached_, start);
  told_at_ = options_.clock->steady();
  log_info("the log of {} is read from {} on, by the slot {}", name(), lsn_text(start), options_.slot);
  return {};
}

Result<PollOutcome> CdcSource::poll_log(RawBatch& out, const PollLimits& limits) {
  const std::int64_t before = out.rows();
  bool waited = false;
  std::string_view bytes;
  // Changes that have one offset are given out together.
  while ((out.rows() < limits.rows && out.bytes() < limits.bytes) || (transaction_ && change_ > 0 && !ChangePlace::ends_group(change_ - 1))) {
    PENSTOCK_ASSIGN(const Connection::Copied copied, replication_->take_copied(bytes));
    if (copied == Connection::Copied::ended) return Error(ErrorKind::unavailable, "the server has ended the replication of " + name());
    if (copied == Connection::Copied::nothing) {
      if (transaction_ && change_ > 0 && !ChangePlace::ends_group(change_ - 1) && out.rows() > before) {
        PENSTOCK_TRY(Connection::wait_for_any({replication_.get()}, limits.wait));
        continue;
      }
      if (out.rows() > before || waited) break;
      PENSTOCK_TRY(tell_server(wants_answer_));
      waited = true;
      PENSTOCK_TRY(Connection::wait_for_any({replication_.get()}, limits.wait));
      continue;
    }
    PENSTOCK_ASSIGN(const Replicated replicated, parse_replicated(bytes));
    if (const auto* alive = std::get_if<KeepAlive>(&replicated)) {
      if (!transaction_) reached_ = std::max(reached_, alive->end);
      wants_answer_ = wants_answer_ || alive->reply;
      continue;
    }
    PENSTOCK_TRY(take_message(std::get<LogData>(replicated).message, out));
  }
  PENSTOCK_TRY(tell_server(wants_answer_));
  return out.rows() > before ? PollOutcome::rows : PollOutcome::idle;
}

Status CdcSource::take_message(std::string_view message, RawBatch& out) {
  PENSTOCK_ASSIGN(Message parsed, parse_pgoutput(message));
  return std::visit(Overloaded{[&](const Begin& begin) -> Status {
                                 if (begin.commit > ChangePlace::kMaxLsn) return Error(ErrorKind::unsupported, "the server's log is longer than a pebibyte: " + lsn_text(begin.commit));
                                 transaction_ = begin;
                                 origin_ = origin_text({begin.commit, begin.commit_micros, begin.xid});
                                 change_ = 0;
                                 return {};
                               },
                               [&](const Commit& commit) -> Status {
                                 transaction_.reset();
                                 reached_ = std::max(reached_, commit.end);
                                 if (const auto next = next_.find(0); change_ > 0 && next != next_.end()) told_.push_back({next->second, commit.end});
                                 return {};
                               },
                               [&](Relation& relation) -> Status { return take_relation(std::move(relation)); },
                               [&](const RowChange& change) -> Status { return change.relation == relation_ ? take_change(change, out) : Status(); },
                               [&](const Truncate& truncate) -> Status {
                                 if (std::find(truncate.relations.begin(), truncate.relations.end(), relation_) == truncate.relations.end() || !transaction_) return {};
                                 const std::string what = name() + " was truncated at " + lsn_text(transaction_->commit);
                                 if (options_.stops_at_truncate && ChangePlace{transaction_->commit, 0}.offset() >= from_)
                                   return Error(ErrorKind::failed_precondition, what + ": which rows are gone the log does not say", "empty what was landed, then set on_truncate: ignore");
                                 log_warn("{}; its rows here stay (on_truncate: ignore)", what);
                                 return {};
                               },
                               [](const Passed&) -> Status { return {}; }},
                    parsed);
}

// Comes before the first change of a table, and again after ALTER TABLE.
Status CdcSource::take_relation(Relation relation) {
  if (relation.schema != options_.table.schema || relation.table != options_.table.table) return {};
  std::vector<std::uint32_t> types;
  for (Relation::Column& column : relation.columns) {
    const bool is_key = std::find(options_.key.begin(), options_.key.end(), column.name) != options_.key.end();
    if (is_key && !column.in_key)
      return Error(ErrorKind::failed_precondition, "the log does not tell '" + column.name + "' of rows of " + name() + " that are removed, which is in `key`", "name the columns of its replica identity, or ALTER TABLE " + options_.table.quoted() + " REPLICA IDENTITY FULL");
    column.in_key = is_key;
    types.push_back(column.type);
  }
  PENSTOCK_TRY(types_.learn(*control_, types));
  relation_ = relation.id;
  if (relation.columns != table_.columns()) announced_ = false;
  table_ = RecordTable(std::move(relation.columns), types_);
  return {};
}

bool CdcSource::same_key(const Tuple& before, const Tuple& after) const {
  for (std::size_t i = 0; i < table_.columns().size() && i < before.size() && i < after.size(); ++i)
    if (table_.columns()[i].in_key && after[i].kind != TupleValue::Kind::unchanged && (before[i].kind != after[i].kind || before[i].text != after[i].text)) return false;
  return true;
}

Status CdcSource::take_change(const RowChange& change, RawBatch& out) {
  const std::size_t columns = table_.columns().size();
  if (!transaction_ || (change.before && change.before->size() != columns) || (change.what != RowChange::What::remove && change.after.size() != columns))
    return Error(ErrorKind::data_loss, "a change of " + name() + " does not have the table's " + std::to_string(columns) + " columns");
  const Tuple* before = change.before ? &*change.before : nullptr;
  if (change.what == RowChange::What::remove) {
    give("d", before, change.before_is_whole, nullptr, out);
    return {};
  }
  Tuple after = change.after;
  std::vector<std::string> texts;
  PENSTOCK_ASSIGN(const bool is_there, fill_unchanged(change, after, texts));
  const bool moves = before && !same_key(*before, after);
  if (moves) give("d", before, change.before_is_whole, nullptr, out);
  // A row that is gone keeps its number: read again, the changes behind it have the same places.
  if (is_there) give(change.what == RowChange::What::insert || moves ? "c" : "u", moves || !change.before_is_whole ? nullptr : before, true, &after, out);
  else ++change_;
  return {};
}

// Puts in what the log leaves out: large values that did not change. False: the row is gone by now, which the log tells later.
Result<bool> CdcSource::fill_unchanged(const RowChange& change, Tuple& after, std::vector<std::string>& texts) {
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].kind != TupleValue::Kind::unchanged) continue;
    if (change.before && change.before_is_whole && (*change.before)[i].kind != TupleValue::Kind::unchanged) after[i] = (*change.before)[i];
    else unknown.push_back(i);
  }
  const bool skipped = ChangePlace{transaction_->commit, ChangePlace::group_of(change_)}.offset() < from_;
  if (unknown.empty() || skipped) return true;
  std::string columns, where;
  std::vector<Value> key;
  for (const std::size_t i : unknown) {
    PENSTOCK_ASSIGN(const std::string quoted, quoted_name(table_.columns()[i].name));
    columns += (columns.empty() ? "" : ", ") + quoted;
  }
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (!table_.columns()[i].in_key) continue;
    if (after[i].kind != TupleValue::Kind::text)
      return Error(ErrorKind::failed_precondition, "the log does not tell the key column '" + table_.columns()[i].name + "' of a row of " + name() + ", which is too large", "ALTER TABLE " + options_.table.quoted() + " REPLICA IDENTITY FULL");
    PENSTOCK_ASSIGN(const std::string quoted, quoted_name(table_.columns()[i].name));
    key.emplace_back(std::string(after[i].text));
    where += (where.empty() ? "" : " AND ") + quoted + " = $" + std::to_string(key.size());
  }
  const std::string select = "SELECT " + columns + " FROM ONLY " + options_.table.quoted() + " WHERE " + where;
  PENSTOCK_ASSIGN(Rows rows, control_->query(select, key));
  if (rows.empty()) {
    PENSTOCK_TRY(wait_until_visible());
    PENSTOCK_ASSIGN(rows, control_->query(select, key));
  }
  if (rows.empty()) return false;
  texts.resize(unknown.size());      // before there are views of them
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const Value& value = rows[0][i];
    texts[i] = value.value_or("");
    after[unknown[i]] = {value ? TupleValue::Kind::text : TupleValue::Kind::null, texts[i]};
  }
  return true;
}

// The server sends a transaction when its commit is in the log, which is a moment before other sessions see what it did. It holds
// the lock of its own number for as long.
Status CdcSource::wait_until_visible() {
  constexpr int kLooks = 500;
  for (int look = 0; look < kLooks; ++look) {
    PENSTOCK_ASSIGN(const Rows held, control_->query("SELECT 1 FROM pg_locks WHERE locktype = 'transactionid' AND granted AND mode = 'ExclusiveLock' AND transactionid::text = $1",
                                                     {Value(std::to_string(transaction_->xid))}));
    if (held.empty()) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return Error(ErrorKind::unavailable, "transaction " + std::to_string(transaction_->xid) + " of " + name() + " is committed and cannot be seen yet");
}

void CdcSource::give(std::string_view op, const Tuple* before, bool before_is_whole, const Tuple* after, RawBatch& out) {
  const std::int64_t offset = ChangePlace{transaction_->commit, ChangePlace::group_of(change_++)}.offset();
  if (offset < from_) return;
  record_.clear();
  append_record(table_, op, before, before_is_whole, after, origin_, !announced_, record_);
  announced_ = true;
  out.append({.position = {0, offset}, .value = record_});
  next_[0] = offset + 1;
}

std::vector<std::int32_t> CdcSource::behind() const {
  if (streaming_ ? transaction_ || reached_ < server_ : snapshot_is_done()) return {0};
  std::vector<std::int32_t> partitions;
  for (const Copy& copy : copies_) partitions.push_back(static_cast<std::int32_t>(copy.range) + 1);
  return partitions;
}

Positions CdcSource::reached() const {
  Positions reached = next_;
  // Behind a range there is nothing, however many rows it was thought to have.
  for (std::size_t i = 0; i < state_.ranges.size(); ++i)
    if (range_is_done(i)) reached[static_cast<std::int32_t>(i) + 1] = INT64_MAX;
  if (streaming_ && !transaction_ && reached_ >= server_) reached[0] += 1;
  return reached;
}

void CdcSource::committed(const Positions& positions) {
  for (const auto& [partition, offset] : positions) durable_[partition] = offset;
}

// How far the server may forget.
Lsn CdcSource::forgettable() {
  const auto durable = durable_.find(0), next = next_.find(0);
  for (std::size_t i = 0; i < state_.ranges.size(); ++i) {
    const auto taken = durable_.find(static_cast<std::int32_t>(i) + 1);
    if (state_.ranges[i].end.value_or(1) > 0 && (taken == durable_.end() || taken->second < state_.ranges[i].end.value_or(INT64_MAX))) return confirmed_;
  }
  const bool all = next == next_.end() || (durable != durable_.end() && durable->second >= next->second);
  Lsn end = confirmed_;
  while (!told_.empty() && durable != durable_.end() && told_.front().offset <= durable->second) {
    end = std::max(end, told_.front().end);
    told_.pop_front();
  }
  return all && !transaction_ ? std::max(end, reached_) : end;
}

Status CdcSource::tell_server(bool at_once) {
  const auto now = options_.clock->steady();
  const auto since = now - told_at_;
  if (!at_once && since < kTellEvery) return {};
  const Lsn end = std::max(forgettable(), confirmed_);
  if (!at_once && end == confirmed_ && since < kSignOfLife) return {};
  // Kept first: a slot that stands further than this was moved by somebody else.
  if (end > state_.confirmed) {
    state_.confirmed = end;
    PENSTOCK_TRY(state_.save(options_.state_path));
  }
  crash_point("cdc.before_confirm");
  PENSTOCK_TRY(replication_->send_copied(status_update(std::max(reached_, end), end, to_micros(options_.clock->now()))));
  confirmed_ = end;
  told_at_ = now;
  wants_answer_ = false;
  return {};
}

std::int64_t CdcSource::kept_log_bytes() const {
  if (!slot_) return -1;
  return slot_->server > slot_->confirmed ? static_cast<std::int64_t>(slot_->server - slot_->confirmed) : 0;
}

void CdcSource::find_concern() {
  concern_.clear();
  const std::int64_t lag = kept_log_bytes();
  if (lag <= 0) return;
  const bool at_risk = slot_->wal_status == "unreserved";
  if (lag < options_.lag_bytes && !at_risk) return;
  concern_ = "the server keeps " + megabytes(static_cast<Lsn>(lag)) + " of its log for the replication slot " + options_.slot + ", from " + lsn_text(slot_->confirmed) + " to " + lsn_text(slot_->server) +
             (at_risk ? ", and may throw it away at its next checkpoint" : "");
}

}  // namespace penstock::postgres
