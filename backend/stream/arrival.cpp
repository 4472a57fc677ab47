#include "stream/arrival.h"

#include <algorithm>

#include "sql/step_schemas.h"

namespace penstock {
namespace {

SchemaPtr envelope_schema() {
  static const SchemaPtr schema = source_schema(Schema({}));
  return schema;
}

// The envelope's columns but the last, `_raw`. `times`: when each happened, where the records say so themselves; 0 or nothing: as the source says.
void append_envelope(const RawBatch& raw, const std::string& source_name, std::int64_t now_micros, BatchBuilder& columns, const std::vector<std::int64_t>& times = {}) {
  for (std::size_t i = 0; i < columns.schema()->size(); ++i) columns[i].reserve(raw.rows());
  for (std::int64_t row = 0; row < raw.rows(); ++row) {
    const RawBatch::Record record = raw[row];
    columns[0].append_bytes(source_name);
    columns[1].append_int32(record.position.partition);
    columns[2].append_int64(record.position.offset);
    const std::int64_t said = times.empty() ? 0 : times[static_cast<std::size_t>(row)];
    const std::int64_t time = said != 0 ? said : record.source_time_micros;
    if (time != 0) columns[3].append_int64(time); else columns[3].append_null();
    columns[4].append_int64(now_micros);
    if (record.has_key) columns[5].append_bytes(record.key); else columns[5].append_null();
    if (!record.headers.empty()) columns[6].append_bytes(record.headers); else columns[6].append_null();
  }
}

void append_values(const RawBatch& raw, ColumnBuilder& column) {
  column.reserve(raw.rows(), static_cast<std::int64_t>(raw.values().size()));
  for (std::int64_t row = 0; row < raw.rows(); ++row) {
    const RawBatch::Record record = raw[row];
    if (record.tombstone) column.append_null(); else column.append_bytes(record.value);
  }
}

constexpr std::size_t kRawColumn = 7;

// Fields that are a map's keys may be any number: each row's reason names some.
std::string drift_sentence(const std::vector<DriftedField>& drift) {
  constexpr std::size_t kNamed = 10;
  std::string fields;
  for (std::size_t i = 0; i < std::min(drift.size(), kNamed); ++i) fields += (i == 0 ? "" : ", ") + drift[i].name + " " + drift[i].what;
  if (drift.size() > kNamed) fields += " and " + std::to_string(drift.size() - kNamed) + " more";
  return "schema drift: " + fields;
}

}  // namespace

Batch dead_records(const RawBatch& raw, const std::string& source_name, std::int64_t now_micros) {
  BatchBuilder columns(envelope_schema());
  append_envelope(raw, source_name, now_micros, columns);
  append_values(raw, columns[kRawColumn]);
  return columns.finish();
}

Arrival decode_arrival(RawBatch& raw, Decoder& decoder, const std::string& source_name, std::int64_t now_micros,
                       bool drift_is_dead) {
  Arrival arrival;
  arrival.source_name = source_name;
  arrival.records = raw.rows();
  arrival.bytes = raw.bytes();
  for (std::int64_t row = 0; row < raw.rows(); ++row) {
    const Position position = raw[row].position;
    auto& next = arrival.next[position.partition];
    next = std::max(next, position.offset + 1);
  }

  BatchBuilder columns(decoder.schema());
  raw.pad();
  Decoded decoded = decoder.decode(raw, columns);
  arrival.drift = std::move(decoded.drift);
  if (drift_is_dead) {
    const std::string reason = drift_sentence(arrival.drift);
    for (const std::int64_t row : decoded.drifted_rows) decoded.failures.push_back({row, reason});
    std::stable_sort(decoded.failures.begin(), decoded.failures.end(), [](const auto& a, const auto& b) { return a.row < b.row; });
  }
  arrival.skipped = static_cast<std::int64_t>(decoded.skipped.size());
  const bool all_good = decoded.failures.empty() && decoded.skipped.empty();
  std::vector<std::int64_t> good;
  std::size_t failure = 0, skipped = 0;
  for (std::int64_t row = 0; row < raw.rows() && !all_good; ++row) {
    if (skipped < decoded.skipped.size() && decoded.skipped[skipped] == row) {
      ++skipped;
      continue;
    }
    if (failure == decoded.failures.size() || decoded.failures[failure].row != row) {
      good.push_back(row);
      continue;
    }
    arrival.dead.append(raw[row]);
    arrival.dead_reasons.push_back(std::move(decoded.failures[failure].reason));
    while (failure < decoded.failures.size() && decoded.failures[failure].row == row) ++failure;
  }
  BatchBuilder envelope(envelope_schema());
  append_envelope(raw, source_name, now_micros, envelope, decoded.source_times);
  if (auto ends = raw.value_ends()) envelope[kRawColumn].adopt(raw.take_values(), std::move(*ends));
  else append_values(raw, envelope[kRawColumn]);
  arrival.rows = Batch::join_columns(columns.finish(), envelope.finish());
  if (all_good) return arrival;
  arrival.rows = arrival.rows.take(good);
  if (arrival.rows.rows() == 0) arrival.rows = {};
  return arrival;
}

}  // namespace penstock
