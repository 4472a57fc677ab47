// The snapshot: ranges of the table's blocks, copied side by side.

#include <algorithm>

#include "base/crash_point.h"
#include "connectors/postgres/cdc_source.h"

namespace penstock::postgres {
namespace {

std::int32_t partition_of(std::size_t range) { return static_cast<std::int32_t>(range) + 1; }

}  // namespace

bool CdcSource::range_is_done(std::size_t range) const {
  const auto at = next_.find(partition_of(range));
  const SnapshotRange& one = state_.ranges[range];
  return one.end && (*one.end == 0 || (at != next_.end() && at->second >= *one.end));
}

bool CdcSource::snapshot_is_done() const {
  for (std::size_t range = 0; range < state_.ranges.size(); ++range)
    if (!range_is_done(range)) return false;
  return true;
}

Status CdcSource::begin_copies() {
  copying_ = true;
  for (std::size_t range = 0; range < state_.ranges.size(); ++range)
    if (!range_is_done(range)) state_.ranges[range].end.reset();
  // The slot's own snapshot is gone with the session that made it: a newer one serves as well, since the log tells what happened since.
  if (snapshot_.empty()) {
    PENSTOCK_TRY(control_->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    PENSTOCK_ASSIGN(const Rows exported, control_->query("SELECT pg_export_snapshot()"));
    snapshot_ = exported.at(0).at(0).value_or("");
  }
  return {};
}

Status CdcSource::begin_copy(std::size_t range) {
  ConnectionOptions options = options_.connection;
  options.statement_timeout = std::chrono::milliseconds(0);
  Copy copy{range, nullptr};
  PENSTOCK_ASSIGN(copy.session, Connection::open(options));
  PENSTOCK_TRY(copy.session->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  // The session that keeps the snapshot may have been cut off: another try has another one.
  if (const Status taken = copy.session->run("SET TRANSACTION SNAPSHOT '" + snapshot_ + "'"); !taken.ok()) return Error(ErrorKind::unavailable, taken.error().message);
  std::string columns;
  for (const Relation::Column& column : table_.columns()) {
    PENSTOCK_ASSIGN(const std::string quoted, quoted_name(column.name));
    columns += (columns.empty() ? "" : ", ") + quoted;
  }
  const SnapshotRange& blocks = state_.ranges[range];
  std::string where = "ctid >= '(" + std::to_string(blocks.first_block) + ",0)'";
  if (blocks.end_block) where += " AND ctid < '(" + std::to_string(*blocks.end_block) + ",0)'";
  PENSTOCK_TRY(copy.session->copy_out("COPY (SELECT " + columns + " FROM ONLY " + options_.table.quoted() + " WHERE " + where + ") TO STDOUT"));
  copies_.push_back(std::move(copy));
  return {};
}

// False when the range was copied whole.
Result<bool> CdcSource::take_rows(Copy& copy, RawBatch& out, const PollLimits& limits) {
  const std::int32_t partition = partition_of(copy.range);
  std::int64_t& next = next_.try_emplace(partition, 0).first->second;
  const std::string origin = origin_text({state_.begin, to_micros(options_.clock->now()), 0});
  std::string_view line;
  std::string scratch;
  Tuple tuple;
  while (out.rows() < limits.rows && out.bytes() < limits.bytes) {
    PENSTOCK_ASSIGN(const Connection::Copied copied, copy.session->take_copied(line));
    if (copied == Connection::Copied::nothing) return true;
    if (copied == Connection::Copied::ended) return false;
    PENSTOCK_TRY(read_copy_line(line, table_.columns().size(), tuple, scratch));
    record_.clear();
    append_record(table_, "r", nullptr, false, &tuple, origin, !announced_, record_);
    announced_ = true;
    out.append({.position = {partition, next++}, .value = record_});
    crash_point("cdc.copied_row");
  }
  return true;
}

Result<PollOutcome> CdcSource::poll_copies(RawBatch& out, const PollLimits& limits) {
  const std::int64_t before = out.rows();
  if (!copying_) PENSTOCK_TRY(begin_copies());
  for (std::size_t range = 0; range < state_.ranges.size() && copies_.size() < static_cast<std::size_t>(options_.sessions); ++range) {
    const bool runs = std::any_of(copies_.begin(), copies_.end(), [&](const Copy& copy) { return copy.range == range; });
    if (!runs && !state_.ranges[range].end) PENSTOCK_TRY(begin_copy(range));
  }
  std::vector<Connection*> sessions;
  for (const Copy& copy : copies_) sessions.push_back(copy.session.get());
  // Each in turn, so that all go on.
  PollLimits share = limits;
  bool ended = false;
  for (auto copy = copies_.begin(); copy != copies_.end();) {
    share.rows = std::min(limits.rows, out.rows() + std::max<std::int64_t>(limits.rows / static_cast<std::int64_t>(sessions.size()), 1));
    PENSTOCK_ASSIGN(const bool goes_on, take_rows(*copy, out, share));
    if (!goes_on) {
      state_.ranges[copy->range].end = next_[partition_of(copy->range)];
      ended = true;
    }
    copy = goes_on ? std::next(copy) : copies_.erase(copy);
  }
  if (ended) PENSTOCK_TRY(state_.save(options_.state_path));
  if (snapshot_is_done()) {
    copying_ = false;
    snapshot_.clear();
    PENSTOCK_TRY(control_->run("COMMIT"));      // where it kept the snapshot; else it does nothing
  } else if (out.rows() == before && !ended) {
    PENSTOCK_TRY(Connection::wait_for_any(sessions, limits.wait));
  }
  return out.rows() > before ? PollOutcome::rows : PollOutcome::idle;
}

}  // namespace penstock::postgres
