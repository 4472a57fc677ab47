#include "viewmodels/held_order.h"

#include <algorithm>
#include <numeric>
#include <QElapsedTimer>

#include "viewmodels/roles.h"

namespace penstock::ui {
namespace {

constexpr int settleMs = 200;
constexpr int mostOfTheTimeSorting = 20;    // pauses at least so many times as long as the last sort took

}  // namespace

HeldOrder::HeldOrder(QAbstractItemModel* source, QObject* parent) : QAbstractProxyModel(parent) {
  settling_.setSingleShot(true);
  settling_.setInterval(settleMs);
  connect(&settling_, &QTimer::timeout, this, &HeldOrder::settle);
  setSourceModel(source);
  connect(source, &QAbstractItemModel::dataChanged, this, &HeldOrder::onDataChanged);
  connect(source, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex&, int first, int last) { onRowsInserted(first, last); });
  connect(source, &QAbstractItemModel::rowsAboutToBeRemoved, this, [this](const QModelIndex&, int first, int last) { onRowsAboutToBeRemoved(first, last); });
  connect(source, &QAbstractItemModel::rowsRemoved, this, [this](const QModelIndex&, int first, int last) { onRowsRemoved(first, last); });
  connect(source, &QAbstractItemModel::modelAboutToBeReset, this, [this] { beginResetModel(); });
  connect(source, &QAbstractItemModel::modelReset, this, [this] {
    onReset();
    endResetModel();
  });
  onReset();
}

void HeldOrder::hold(Reason reason, bool on) {
  const unsigned bit = 1u << static_cast<unsigned>(reason);
  reasons_ = on ? reasons_ | bit : reasons_ & ~bit;
  if (!isHeld() && pending_ > 0) settleSoon();
}

void HeldOrder::apply() { show(wanted()); }

void HeldOrder::sort(int column, Qt::SortOrder order) {
  sortColumn_ = column;
  sortOrder_ = order;
  apply();
}

void HeldOrder::setText(const QString& text) {
  if (text_ == text) return;
  text_ = text;
  apply();
}

void HeldOrder::setOnly(int role, const QVariant& value) {
  if (value.isValid()) only_.insert(role, value);
  else only_.remove(role);
  apply();
}

void HeldOrder::foldHealthy(int mostHealthy) {
  mostHealthy_ = mostHealthy;
  apply();
}

QModelIndex HeldOrder::index(int row, int column, const QModelIndex& parent) const {
  return hasIndex(row, column, parent) ? createIndex(row, column) : QModelIndex();
}
QModelIndex HeldOrder::parent(const QModelIndex&) const { return {}; }
int HeldOrder::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(order_.size()); }
int HeldOrder::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : sourceModel()->columnCount(); }

QModelIndex HeldOrder::mapToSource(const QModelIndex& proxy) const {
  if (!proxy.isValid() || proxy.row() >= rowCount()) return {};
  return sourceModel()->index(order_[static_cast<size_t>(proxy.row())], proxy.column());
}

QModelIndex HeldOrder::mapFromSource(const QModelIndex& source) const {
  if (!source.isValid() || source.row() >= static_cast<int>(places_.size())) return {};
  const int row = places_[static_cast<size_t>(source.row())];
  return row < 0 ? QModelIndex() : createIndex(row, source.column());
}

bool HeldOrder::accepts(int sourceRow) const {
  const QModelIndex index = sourceModel()->index(sourceRow, 0);
  for (auto only = only_.cbegin(); only != only_.cend(); ++only) {
    if (index.data(only.key()) != only.value()) return false;
  }
  if (text_.isEmpty()) return true;
  const QString searched = index.data(SearchRole).toString();
  for (const QString& word : text_.split(' ', Qt::SkipEmptyParts)) {
    if (!searched.contains(word, Qt::CaseInsensitive)) return false;
  }
  return true;
}

HeldOrder::Key HeldOrder::keyOf(int sourceRow) const {
  const QModelIndex first = sourceModel()->index(sourceRow, 0);
  if (sortColumn_ < 0) return {first.data(RankRole).toInt(), 0, first.data(IdRole).toString()};
  const QVariant value = sourceModel()->index(sourceRow, sortColumn_).data(SortRole);
  if (value.typeId() == QMetaType::QString) return {0, 0, value.toString()};
  return {0, value.toDouble(), first.data(IdRole).toString()};
}

std::vector<int> HeldOrder::wanted() {
  const int rows = sourceModel()->rowCount();
  std::vector<std::pair<Key, int>> keyed;
  keyed.reserve(static_cast<size_t>(rows));
  int healthy = 0;
  for (int row = 0; row < rows; ++row) {
    if (!accepts(row)) continue;
    healthy += mostHealthy_ >= 0 && sourceModel()->index(row, 0).data(HealthyRole).toBool();
    keyed.emplace_back(keyOf(row), row);
  }
  const bool fold = mostHealthy_ >= 0 && healthy > mostHealthy_ && text_.isEmpty();
  if (fold) std::erase_if(keyed, [this](const auto& item) { return sourceModel()->index(item.second, 0).data(HealthyRole).toBool(); });
  if (std::exchange(folded_, fold ? healthy : 0) != folded_) emit foldedChanged(folded_);

  const bool down = sortColumn_ >= 0 && sortOrder_ == Qt::DescendingOrder;
  std::stable_sort(keyed.begin(), keyed.end(), [down](const auto& a, const auto& b) {
    const Key& left = down ? b.first : a.first;
    const Key& right = down ? a.first : b.first;
    if (left.rank != right.rank) return left.rank < right.rank;
    if (left.number != right.number) return left.number < right.number;
    return left.text < right.text;
  });
  std::vector<int> order;
  order.reserve(keyed.size());
  for (const auto& [key, row] : keyed) order.push_back(row);
  return order;
}

void HeldOrder::onDataChanged(const QModelIndex& first, const QModelIndex& last) {
  bool moves = sortColumn_ >= 0;
  std::vector<int> rows;
  for (int row = first.row(); row <= last.row(); ++row) {
    const int rank = sourceModel()->index(row, 0).data(RankRole).toInt();
    moves |= std::exchange(ranks_[static_cast<size_t>(row)], rank) != rank;
    if (const int place = places_[static_cast<size_t>(row)]; place >= 0) rows.push_back(place);
  }
  std::sort(rows.begin(), rows.end());
  for (size_t i = 0; i < rows.size();) {
    size_t end = i;
    while (end + 1 < rows.size() && rows[end + 1] == rows[end] + 1) ++end;
    emit dataChanged(index(rows[i], first.column()), index(rows[end], last.column()));
    i = end + 1;
  }
  if (moves) settleSoon();
}

void HeldOrder::onRowsInserted(int first, int last) {
  const int count = last - first + 1;
  const bool wasEmpty = order_.empty();         // then nothing can move under anyone
  for (int& row : order_) {
    if (row >= first) row += count;
  }
  std::vector<int> ranks;
  std::vector<int> shown;
  for (int row = first; row <= last; ++row) {
    ranks.push_back(sourceModel()->index(row, 0).data(RankRole).toInt());
    const bool folded = folded_ > 0 && sourceModel()->index(row, 0).data(HealthyRole).toBool();
    if (!folded && accepts(row)) shown.push_back(row);
  }
  ranks_.insert(ranks_.begin() + first, ranks.begin(), ranks.end());
  place();
  if (wasEmpty) shown = wanted();
  if (!shown.empty()) {
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(shown.size()) - 1);
    order_.insert(order_.end(), shown.begin(), shown.end());
    place();
    endInsertRows();
  }
  settleSoon();
}

void HeldOrder::onRowsAboutToBeRemoved(int first, int last) {
  for (int row = rowCount() - 1; row >= 0; --row) {
    const int source = order_[static_cast<size_t>(row)];
    if (source < first || source > last) continue;
    beginRemoveRows({}, row, row);
    order_.erase(order_.begin() + row);
    place();
    endRemoveRows();
  }
}

void HeldOrder::onRowsRemoved(int first, int last) {
  for (int& row : order_) {
    if (row > last) row -= last - first + 1;
  }
  ranks_.erase(ranks_.begin() + first, ranks_.begin() + last + 1);
  place();
}

void HeldOrder::onReset() {
  const int rows = sourceModel()->rowCount();
  ranks_.clear();
  for (int row = 0; row < rows; ++row) ranks_.push_back(sourceModel()->index(row, 0).data(RankRole).toInt());
  order_ = wanted();
  place();
  setPending(0);
}

void HeldOrder::settleSoon() {
  if (!settling_.isActive()) settling_.start();
}

void HeldOrder::settle() {
  QElapsedTimer took;
  took.start();
  const std::vector<int> order = wanted();
  if (!isHeld()) {
    show(order);
  } else {
    int changes = 0;
    std::vector<char> shown(places_.size(), 0);
    for (size_t row = 0; row < order.size(); ++row) {
      changes += row >= order_.size() || order_[row] != order[row];
      shown[static_cast<size_t>(order[row])] = 1;
    }
    for (const int row : order_) changes += !shown[static_cast<size_t>(row)];
    setPending(changes);
  }
  settling_.setInterval(std::max<int>(settleMs, static_cast<int>(took.elapsed()) * mostOfTheTimeSorting));
}

// Removes and inserts what differs, then moves the rest: selections and the scroll position stay with their rows.
void HeldOrder::show(const std::vector<int>& order) {
  std::vector<char> stays(static_cast<size_t>(sourceModel()->rowCount()), 0);
  for (const int row : order) stays[static_cast<size_t>(row)] = 1;
  for (int last = rowCount() - 1; last >= 0; --last) {
    if (stays[static_cast<size_t>(order_[static_cast<size_t>(last)])]) continue;
    int first = last;
    while (first > 0 && !stays[static_cast<size_t>(order_[static_cast<size_t>(first - 1)])]) --first;
    beginRemoveRows({}, first, last);
    order_.erase(order_.begin() + first, order_.begin() + last + 1);
    place();
    endRemoveRows();
    last = first;
  }
  std::vector<int> added;
  for (const int row : order) {
    if (places_[static_cast<size_t>(row)] < 0) added.push_back(row);
  }
  if (!added.empty()) {
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(added.size()) - 1);
    order_.insert(order_.end(), added.begin(), added.end());
    place();
    endInsertRows();
  }
  permute(order);
  setPending(0);
}

void HeldOrder::permute(const std::vector<int>& order) {
  if (order == order_) return;
  emit layoutAboutToBeChanged({}, VerticalSortHint);
  const QModelIndexList before = persistentIndexList();
  std::vector<int> sources;
  for (const QModelIndex& index : before) sources.push_back(order_[static_cast<size_t>(index.row())]);
  order_ = order;
  place();
  QModelIndexList after;
  for (qsizetype i = 0; i < before.size(); ++i) {
    after.append(createIndex(places_[static_cast<size_t>(sources[static_cast<size_t>(i)])], before[i].column()));
  }
  changePersistentIndexList(before, after);
  emit layoutChanged({}, VerticalSortHint);
}

void HeldOrder::place() {
  places_.assign(ranks_.size(), -1);
  for (size_t row = 0; row < order_.size(); ++row) places_[static_cast<size_t>(order_[row])] = static_cast<int>(row);
}

void HeldOrder::setPending(int changes) {
  if (std::exchange(pending_, changes) != changes) emit pendingChanged(changes);
}

}  // namespace penstock::ui
