#include "stream/aggregate_state.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>

#include "record/batch_bytes.h"
#include "stream/row_key.h"

namespace penstock {
namespace {

constexpr std::int64_t kSmallSegment = 4096;      // rows
constexpr std::int64_t kMergeAfter = 512;         // small segments
constexpr std::int64_t kSlackRows = 65'536;       // overwritten rows that nobody minds

SchemaPtr kept_schema(const Schema& partial) {
  std::vector<Field> fields = partial.fields();
  fields.push_back({"penstock_given", {TypeKind::boolean}, false});
  fields.push_back({"penstock_came", {TypeKind::timestamp}, false});
  return std::make_shared<const Schema>(std::move(fields));
}

struct Place {
  std::int64_t segment = 0;
  std::int64_t row = 0;
  bool operator==(const Place&) const = default;
};

}  // namespace

struct AggregateState::Table {
  absl::flat_hash_map<KeyHash, Place> places;
};

AggregateState::AggregateState(Options options) : options_(std::move(options)), kept_(kept_schema(*options_.partial)), table_(std::make_unique<Table>()) {}
AggregateState::~AggregateState() = default;

std::int64_t AggregateState::keys() const { return static_cast<std::int64_t>(table_->places.size()); }

std::vector<std::optional<KeyHash>> AggregateState::keys_of(const Batch& rows) const { return key_hashes(rows, options_.key_columns, NullKey::is_a_value); }

std::string AggregateState::segment_key(std::int64_t number) const {
  std::string key = options_.state_prefix;
  append_key(number, key);
  return key;
}

// Its rows take the place of those of the same keys, and the segments that these lay in go when nothing of them is left.
void AggregateState::add_segment(std::int64_t number, Batch rows) {
  if (rows.rows() == 0) return;
  const auto keys = keys_of(rows);
  Segment& segment = segments_[number];
  rows_ += rows.rows();
  segment.live = rows.rows();
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    const auto [found, is_new] = table_->places.try_emplace(*keys[static_cast<std::size_t>(row)], Place{number, row});
    if (is_new) continue;
    const auto former = segments_.find(found->second.segment);
    found->second = {number, row};
    if (--former->second.live > 0 || former->first == number) continue;
    rows_ -= former->second.rows.rows();
    gone_.push_back(segment_key(former->first));
    segments_.erase(former);
  }
  segment.rows = std::move(rows);
}

Status AggregateState::restore(const StateStore& state, std::int64_t now) {
  PENSTOCK_TRY(state.scan(options_.state_prefix, [&](std::string_view key, std::string_view value) -> Status {
    PENSTOCK_ASSIGN(Batch rows, parse_batch_bytes(value));
    if (*rows.schema() != *kept_) return Error(ErrorKind::data_loss, "a stored part of an aggregate has other columns than the step computes now");
    const std::int64_t number = read_key(key);
    add_segment(number, std::move(rows));
    next_ = logged_ = std::max(next_, number + 1);
    return {};
  }));
  // What has expired came back with its segments.
  for (std::size_t i = segments_.size(); i > 0 && options_.ttl > 0; --i) expire_some(now);
  return {};
}

AggregateState::Known AggregateState::find(const Batch& partials, std::int64_t now) const {
  Known known;
  BatchBuilder builder(options_.partial);
  const auto keys = keys_of(partials);
  std::vector<std::size_t> columns(options_.partial->size());
  for (std::size_t column = 0; column < columns.size(); ++column) columns[column] = column;
  absl::flat_hash_map<std::int64_t, Batch> narrow;      // segments without what is not of a partial row
  for (std::int64_t row = 0; row < partials.rows(); ++row) {
    const auto place = table_->places.find(*keys[static_cast<std::size_t>(row)]);
    known.given.push_back(false);
    if (place == table_->places.end()) continue;
    const auto [number, at] = place->second;
    const Batch& rows = segments_.at(number).rows;
    if (is_expired(rows.column(columns.size() + 1).int64(at), now)) continue;
    known.given.back() = rows.column(columns.size()).boolean(at);
    const auto [of_segment, is_new] = narrow.try_emplace(number);
    if (is_new) of_segment->second = rows.select(columns);
    builder.append_row(of_segment->second, at);
  }
  known.partials = builder.finish();
  return known;
}

void AggregateState::put(const Batch& partials, const std::vector<bool>& given, std::int64_t now) {
  BatchBuilder marks(std::make_shared<const Schema>(std::vector<Field>(kept_->fields().end() - 2, kept_->fields().end())));
  for (const bool one : given) {
    marks[0].append_boolean(one);
    marks[1].append_int64(now);
  }
  now_ = now;
  add_segment(next_++, Batch::join_columns(partials, marks.finish()).with_schema(kept_));
}

std::vector<std::int64_t> AggregateState::live_rows(std::int64_t number, const Segment& segment) const {
  std::vector<std::int64_t> live;
  const auto keys = keys_of(segment.rows);
  for (std::int64_t row = 0; row < segment.rows.rows(); ++row) {
    const auto place = table_->places.find(*keys[static_cast<std::size_t>(row)]);
    if (place != table_->places.end() && place->second == Place{number, row}) live.push_back(row);
  }
  return live;
}

void AggregateState::rewrite(std::int64_t first, std::int64_t last) {
  BatchBuilder live(kept_);
  for (auto segment = segments_.lower_bound(first); segment != segments_.end() && segment->first <= last; ++segment)
    for (const std::int64_t row : live_rows(segment->first, segment->second)) live.append_row(segment->second.rows, row);
  add_segment(next_++, live.finish());      // which drops the others: nothing of them is left
}

void AggregateState::merge_small() {
  std::int64_t count = 0, first = 0;
  for (auto segment = segments_.rbegin(); segment != segments_.rend() && segment->second.rows.rows() < kSmallSegment; ++segment, ++count) first = segment->first;
  if (count >= kMergeAfter) rewrite(first, segments_.rbegin()->first);
}

// One segment with each epoch, in turn.
void AggregateState::expire_some(std::int64_t now) {
  if (options_.ttl == 0 || segments_.empty()) return;
  auto segment = segments_.upper_bound(swept_);
  if (segment == segments_.end()) segment = segments_.begin();
  swept_ = segment->first;
  const ColumnView came = segment->second.rows.column(kept_->size() - 1);
  const auto keys = keys_of(segment->second.rows);
  for (const std::int64_t row : live_rows(segment->first, segment->second)) {
    if (!is_expired(came.int64(row), now)) continue;
    table_->places.erase(*keys[static_cast<std::size_t>(row)]);
    --segment->second.live;
  }
  if (segment->second.live > 0) return;
  rows_ -= segment->second.rows.rows();
  gone_.push_back(segment_key(segment->first));
  segments_.erase(segment);
}

void AggregateState::log(StateWrite& write) {
  if (next_ > logged_) {
    merge_small();
    if (rows_ > 2 * keys() + kSlackRows) rewrite(segments_.begin()->first, segments_.begin()->first);
  }
  expire_some(now_);
  for (auto segment = segments_.lower_bound(logged_); segment != segments_.end(); ++segment) {
    std::string value;
    append_batch_bytes(segment->second.rows, value);
    write.put(segment_key(segment->first), value);
  }
  logged_ = next_;
  for (const std::string& key : std::exchange(gone_, {})) write.erase(key);
}

}  // namespace penstock
