#include "stream/refused_rows.h"

#include <cstring>

#include "record/batch_bytes.h"

namespace penstock {
namespace {

// "refused/places/<sink>/<epoch>": row numbers as text, one a line.
// "refused/rows/<sink>/<epoch><first row>": reasons as size-prefixed texts, their number first; then the rows' bytes.
// A sink that finds refused rows one after the other records each once.
std::string key_of(std::string_view what, const std::string& sink, std::int64_t epoch) {
  std::string key = "refused/" + std::string(what) + "/" + sink + "/";
  append_key(epoch, key);
  return key;
}

void append_text(std::string_view text, std::string& out) {
  const auto size = static_cast<std::uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(text);
}

bool take_number(std::string_view& bytes, std::uint32_t& number) {
  if (bytes.size() < sizeof number) return false;
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes.remove_prefix(sizeof number);
  return true;
}

// Of a row that is delivered: its place before any row was left out.
std::int64_t place_among_all(const SinkEpoch& epoch, std::int64_t row) {
  for (const std::int64_t left_out : epoch.left_out) {
    if (left_out > row) break;
    ++row;
  }
  return row;
}

}  // namespace

Status record_refused(StateStore& state, const std::string& sink, const std::vector<SinkEpoch>& epochs, const std::vector<RefusedRow>& rejects) {
  StateWrite write;
  for (const SinkEpoch& epoch : epochs) {
    PENSTOCK_ASSIGN(const auto before, state.get(key_of("places", sink, epoch.epoch)));
    std::vector<std::int64_t> rows, places;
    std::string reasons;
    for (const RefusedRow& reject : rejects) {
      if (reject.epoch != epoch.epoch) continue;
      rows.push_back(reject.row);
      places.push_back(place_among_all(epoch, reject.row));
      append_text(reject.reason, reasons);
    }
    if (rows.empty()) continue;
    std::string lines = before.value_or("");
    for (const std::int64_t place : places) lines += std::to_string(place) + "\n";
    write.put(key_of("places", sink, epoch.epoch), lines);

    std::string value;
    const auto count = static_cast<std::uint32_t>(rows.size());
    value.append(reinterpret_cast<const char*>(&count), sizeof count);
    value += reasons;
    append_batch_bytes(Batch::concat(epoch.rows).take(rows), value);
    std::string key = key_of("rows", sink, epoch.epoch);
    append_key(places.front(), key);
    write.put(key, value);
  }
  return state.write(write, true);
}

Status leave_out_refused(const StateStore& state, const std::string& sink, std::vector<SinkEpoch>& epochs) {
  for (SinkEpoch& epoch : epochs) {
    if (epoch.rows.empty()) continue;
    PENSTOCK_ASSIGN(const auto recorded, state.get(key_of("places", sink, epoch.epoch)));
    if (!recorded) continue;
    std::set<std::int64_t> refused;
    for (std::size_t at = 0; at < recorded->size();) {
      const std::size_t end = recorded->find('\n', at);
      refused.insert(std::stoll(recorded->substr(at, end - at)));
      at = end + 1;
    }
    const Batch all = Batch::concat(epoch.rows);
    std::vector<std::int64_t> kept;
    for (std::int64_t row = 0; row < all.rows(); ++row)
      if (!refused.contains(row)) kept.push_back(row);
    epoch.rows = {all.take(kept)};
    epoch.left_out.assign(refused.begin(), refused.end());
  }
  return {};
}

// Key by key: range tombstones, one a delivery, would make every read of the state slow.
Status forget_refused(StateStore& state, const std::string& sink, std::int64_t epoch) {
  StateWrite write;
  PENSTOCK_TRY(state.scan("refused/places/" + sink + "/", [&](std::string_view key, std::string_view) -> Status {
    if (read_key(key) <= epoch) write.erase(key_of("places", sink, read_key(key)));
    return {};
  }));
  return state.write(write, false);
}

Result<std::vector<RefusedRows>> waiting_refused(const StateStore& state) {
  std::vector<RefusedRows> all;
  PENSTOCK_TRY(state.scan("refused/rows/", [&](std::string_view key, std::string_view value) -> Status {
    const Error damaged(ErrorKind::data_loss, "recorded refused rows are damaged");
    if (key.size() < 17) return damaged;
    RefusedRows refused;
    refused.sink = key.substr(0, key.size() - 17);
    refused.epoch = read_key(key.substr(0, key.size() - 8));
    refused.first_row = read_key(key);
    std::uint32_t count = 0, size = 0;
    if (!take_number(value, count)) return damaged;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!take_number(value, size) || value.size() < size) return damaged;
      refused.reasons.emplace_back(value.substr(0, size));
      value.remove_prefix(size);
    }
    PENSTOCK_ASSIGN(refused.rows, parse_batch_bytes(value));
    all.push_back(std::move(refused));
    return {};
  }));
  return all;
}

void erase_waiting_refused(const RefusedRows& refused, StateWrite& write) {
  std::string key = key_of("rows", refused.sink, refused.epoch);
  append_key(refused.first_row, key);
  write.erase(key);
}

}  // namespace penstock
