// What a step with `aggregate:` does: each row changes what is kept of its key, and the keys that changed are handed on. And
// what any step does with rows that are changes by key.

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <numeric>

#include "stream/step_runner.h"

namespace penstock {
namespace {

constexpr std::int64_t kOnePane = 0;      // rows of a key are of no window

std::vector<std::size_t> places_of(const std::vector<std::string>& names, const Schema& schema) {
  std::vector<std::size_t> places;
  for (const std::string& name : names) places.push_back(*schema.find(name));
  return places;
}

}  // namespace

// Removals of the keys of these rows: `from` has the columns of the key, in its order.
Batch StepRunner::removals(const Batch& rows, const std::vector<std::size_t>& from, const std::vector<std::int64_t>& which) const {
  BatchBuilder builder(output_);
  const std::vector<std::size_t> to = places_of(change_key_, *output_);
  for (std::size_t column = 0; column < output_->size(); ++column) {
    const auto key = std::find(to.begin(), to.end(), column);
    const auto same = key == to.end() && origin::is_origin((*output_)[column].name) ? rows.find((*output_)[column].name) : std::nullopt;
    const auto value = key == to.end() ? same : std::optional(rows.column(from[static_cast<std::size_t>(key - to.begin())]));
    for (const std::int64_t row : which) {
      if ((*output_)[column].name == change::op) builder[column].append_bytes(change::remove);
      else if (value) builder[column].append_from(*value, row);
      else builder[column].append_null();
    }
  }
  return builder.finish();
}

Result<Flow> StepRunner::run_aggregate(const Flow& input, EpochContext& context) {
  Flow output;
  if (context.mode == EpochMode::upstream) return output;
  for (const Flow::Part& part : input.parts) PENSTOCK_TRY(aggregate_rows(part, 0, part.rows.rows(), context, output));
  return output;
}

// A range whose result cannot be computed is halved until single rows stand alone: those are rejected.
Status StepRunner::aggregate_rows(const Flow::Part& part, std::int64_t first, std::int64_t count, EpochContext& context, Flow& output) {
  if (count == 0) return {};
  const Batch rows = with_pane(part.rows.slice(first, count), kOnePane);
  PENSTOCK_ASSIGN(WindowPartials::Reduced reduced, partials_->reduce({&rows, 1}));
  if (const auto fresh = reduced.by_pane.find(kOnePane); fresh != reduced.by_pane.end()) {
    const AggregateState::Known known = aggregate_->find(fresh->second, context.now);
    PENSTOCK_ASSIGN(const std::vector<Batch> merged, partials_->merge(std::vector<Batch>{fresh->second, known.partials}));
    const Batch changed = Batch::concat(merged);
    auto result = partials_->finish({&changed, 1}, kOnePane, kOnePane);
    if (!result.ok()) {
      if (result.error().kind == ErrorKind::resource_exhausted || result.error().kind == ErrorKind::cancelled) return result.error();
      if (count == 1) {
        dead_letter(context, part, first, result.error().message);
        return {};
      }
      PENSTOCK_TRY(aggregate_rows(part, first, count / 2, context, output));
      return aggregate_rows(part, first + count / 2, count - count / 2, context, output);
    }
    PENSTOCK_TRY(hand_on_changes(std::move(*result), fresh->second, known.given, changed, context, output));
  }
  for (const RowError& error : reduced.errors) dead_letter(context, part, first + error.row, error.message);
  return {};
}

// `asked`, `given`: partial rows of the keys, and whether these had been handed on; `changed`: one partial row of each key.
Status StepRunner::hand_on_changes(StepOutput result, const Batch& asked, const std::vector<bool>& given, const Batch& changed, EpochContext& context, Flow& output) {
  absl::flat_hash_map<KeyHash, bool> was_given, is_given;
  const auto asked_keys = key_hashes(asked, partials_->key_columns(), NullKey::is_a_value);
  for (std::size_t row = 0; row < asked_keys.size(); ++row) was_given[*asked_keys[row]] = given[row];

  BatchBuilder ops(std::make_shared<const Schema>(std::vector<Field>{output_->fields().back()}));
  for (const auto& key : key_hashes(result.rows, places_of(change_key_, *result.rows.schema()), NullKey::is_a_value)) {
    is_given[*key] = true;
    ops[0].append_bytes(was_given[*key] ? change::update : change::create);
  }
  std::vector<bool> now_given;
  std::vector<std::int64_t> gone;
  const auto changed_keys = key_hashes(changed, partials_->key_columns(), NullKey::is_a_value);
  for (std::size_t row = 0; row < changed_keys.size(); ++row) {
    now_given.push_back(is_given.contains(*changed_keys[row]));
    if (!now_given.back() && was_given[*changed_keys[row]]) gone.push_back(static_cast<std::int64_t>(row));
  }
  aggregate_->put(changed, now_given, context.now);

  if (!gone.empty()) output.parts.push_back({removals(changed, partials_->key_columns(), gone), {}});
  if (result.rows.rows() == 0) return {};
  result.rows = Batch::join_columns(result.rows, ops.finish()).with_schema(output_);
  PENSTOCK_ASSIGN(Flow::Part part, finish(std::move(result), {}, {}, context));
  if (part.rows.rows() > 0) output.parts.push_back(std::move(part));
  return {};
}

// Of changes by key, removals need no SQL, and a row that the SQL leaves out is one.
Result<Flow> StepRunner::run_changes(const Flow& input, EpochContext& context) {
  Flow output;
  for (const Flow::Part& part : input.parts) {
    const ColumnView op = *part.rows.find(change::op);
    std::vector<std::int64_t> kept, removed;
    for (std::int64_t row = 0; row < part.rows.rows(); ++row) (op.bytes(row) == change::remove ? removed : kept).push_back(row);
    Flow values;
    if (!kept.empty()) values.parts.push_back(removed.empty() ? part : take(part, kept));
    std::vector<std::int64_t> left_out;
    PENSTOCK_ASSIGN(Flow rows, run_rows(values, context, &left_out));
    if (removed.empty() && left_out.empty()) {
      for (Flow::Part& one : rows.parts) {
        one.places.clear();
        output.parts.push_back(std::move(one));
      }
      continue;
    }
    for (Flow::Part& one : rows.parts)
      for (std::int64_t& place : one.places) place = kept[static_cast<std::size_t>(place)];
    for (const std::int64_t row : left_out) removed.push_back(kept[static_cast<std::size_t>(row)]);
    output.parts.push_back(in_order(part, std::move(removed), std::move(rows.parts)));
  }
  return output;
}

// The rows that are kept and the removals of those that are gone, as their rows stand in `input`: a key may be removed and
// come again within one epoch.
Flow::Part StepRunner::in_order(const Flow::Part& input, std::vector<std::int64_t> gone, std::vector<Flow::Part> kept) const {
  std::vector<Batch> batches;
  std::vector<std::int64_t> places;
  for (const Flow::Part& one : kept) {
    batches.push_back(one.rows);
    places.insert(places.end(), one.places.begin(), one.places.end());
  }
  if (!gone.empty()) batches.push_back(removals(input.rows, places_of(change_key_, *input_), gone));
  places.insert(places.end(), gone.begin(), gone.end());

  std::vector<std::int64_t> order(places.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return places[static_cast<std::size_t>(a)] < places[static_cast<std::size_t>(b)]; });
  Flow::Part part;
  part.rows = Batch::concat(batches).take(order);
  if (!input.records.empty())
    for (const std::int64_t row : order) part.records.push_back(input.records[static_cast<std::size_t>(places[static_cast<std::size_t>(row)])]);
  return part;
}

}  // namespace penstock
