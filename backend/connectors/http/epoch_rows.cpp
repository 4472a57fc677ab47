#include "connectors/http/epoch_rows.h"

#include <algorithm>

#include "io/row_json.h"

namespace penstock::http {

EpochRows::EpochRows(const std::vector<SinkEpoch>& epochs, bool with_op) {
  for (const SinkEpoch& given : epochs) {
    Epoch epoch{.number = given.epoch, .begin = size_, .left_out = given.left_out};
    if (!given.rows.empty()) epoch.delivered = Batch::concat(given.rows);
    epoch.rows = (given.rows.empty() ? 0 : epoch.delivered.rows()) + static_cast<std::int64_t>(given.left_out.size());
    if (epoch.rows == 0) continue;
    if (!given.rows.empty()) {
      const Schema& schema = *epoch.delivered.schema();
      for (std::size_t i = 0; i < schema.size(); ++i)
        if (!origin::is_origin(schema[i].name) && (with_op || schema[i].name != change::op)) epoch.columns.push_back(i);
    }
    size_ += epoch.rows;
    epochs_.push_back(std::move(epoch));
  }
}

const EpochRows::Epoch& EpochRows::epoch_of(std::int64_t row) const {
  const auto after = std::upper_bound(epochs_.begin(), epochs_.end(), row, [](std::int64_t at, const Epoch& epoch) { return at < epoch.begin; });
  return *std::prev(after);
}

std::int64_t EpochRows::delivered_row(const Epoch& epoch, std::int64_t row) {
  const std::int64_t place = row - epoch.begin;
  return place - (std::lower_bound(epoch.left_out.begin(), epoch.left_out.end(), place) - epoch.left_out.begin());
}

bool EpochRows::is_left_out(std::int64_t row) const {
  const Epoch& epoch = epoch_of(row);
  return std::binary_search(epoch.left_out.begin(), epoch.left_out.end(), row - epoch.begin);
}

RowPlace EpochRows::place_of(std::int64_t row) const {
  const Epoch& epoch = epoch_of(row);
  return {epoch.number, row - epoch.begin};
}

RowPlace EpochRows::end_of(std::int64_t row) const {
  const RowPlace place = place_of(row);
  return {place.epoch, place.row + 1};
}

std::int64_t EpochRows::before(const RowPlace& place) const {
  for (const Epoch& epoch : epochs_) {
    if (epoch.number > place.epoch) return epoch.begin;
    if (epoch.number == place.epoch) return epoch.begin + std::min(place.row, epoch.rows);
  }
  return size_;
}

RefusedRow EpochRows::refused(std::int64_t row, std::string reason) const {
  const Epoch& epoch = epoch_of(row);
  return {epoch.number, delivered_row(epoch, row), std::move(reason)};
}

void EpochRows::append_json(std::int64_t row, std::string& out) const {
  const Epoch& epoch = epoch_of(row);
  append_row_json(epoch.delivered, delivered_row(epoch, row), epoch.columns, out);
}

}  // namespace penstock::http
