#include "stream/held_rows.h"

#include <limits>

#include "stream/flow.h"

namespace penstock {

bool HeldRows::has_other_row(const Batch& partners, std::int64_t row) const {
  const std::int64_t closes = partners.column(kPartnerCloses).int64(row);
  if (closes != 0) {
    const auto closed = taken_.closed.find(closing_step_);
    return closed != taken_.closed.end() && closes <= closed->second;
  }
  if (partners.column(0).is_null(row)) return true;
  return partners.column(2).int64(row) < taken_.position(std::string(partners.column(0).bytes(row)), partners.column(1).int32(row));
}

Batch HeldRows::without(const Batch& rows, std::int64_t window_end, const Batch& partners) const {
  if (window_end != 0 && partners.empty()) {
    const auto closed = taken_.closed.find(closing_step_);
    return closed != taken_.closed.end() && window_end <= closed->second ? Batch() : rows;
  }
  const auto sources = rows.find(origin::source), partitions = rows.find(origin::partition), offsets = rows.find(origin::offset);
  if (!sources || !partitions || !offsets) return rows;
  std::vector<std::int64_t> kept;
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    // A row that a sink refused may have come out of a window: it has no origin.
    const bool held = !offsets->is_null(row) && offsets->int64(row) < taken_.position(std::string(sources->bytes(row)), partitions->int32(row)) &&
                      (partners.empty() || has_other_row(partners, row));
    if (!held) kept.push_back(row);
  }
  if (static_cast<std::int64_t>(kept.size()) == rows.rows()) return rows;
  return kept.empty() ? Batch() : rows.take(kept);
}

bool HeldRows::passed(const Mark& now) const {
  for (const auto& [source, positions] : taken_.positions)
    for (const auto& [partition, offset] : positions)
      if (now.position(source, partition) < offset) return false;
  const auto held = taken_.closed.find(closing_step_);
  if (held == taken_.closed.end()) return true;
  const auto closed = now.closed.find(closing_step_);
  return closed != now.closed.end() && closed->second >= held->second;
}

}  // namespace penstock
