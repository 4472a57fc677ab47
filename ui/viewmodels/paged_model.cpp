#include "viewmodels/paged_model.h"

#include <algorithm>
#include <limits>

namespace penstock::ui {

PagedModel::PagedModel(QObject* parent) : QAbstractTableModel(parent) {
  asking_.setSingleShot(true);
  asking_.setInterval(0);
  connect(&asking_, &QTimer::timeout, this, &PagedModel::askNow);
}

int PagedModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(std::min<qint64>(rows_, std::numeric_limits<int>::max()));
}

bool PagedModel::isHere(int row) const {
  const int page = row / pageRows;
  if (here_.contains(page)) return true;
  askFor(page);
  return false;
}

void PagedModel::askFor(int page) const {
  if (requested_.contains(page)) return;
  wanted_.insert(page);
  if (!asking_.isActive()) asking_.start();
}

void PagedModel::askNow() {
  const QSet<int> pages = std::exchange(wanted_, {});
  for (const int page : pages) {
    if (here_.contains(page) || requested_.contains(page)) continue;
    requested_.insert(page);
    request(page);
  }
}

void PagedModel::restart() {
  beginResetModel();
  rows_ = 0;
  here_.clear();
  requested_.clear();
  wanted_.clear();
  forgetPages();
  endResetModel();
  if (!std::exchange(loading_, true)) emit loadingChanged();
  askFor(0);
}

void PagedModel::refresh() {
  const QSet<int> shown = here_;
  requested_.clear();
  wanted_.clear();
  for (const int page : shown) {
    requested_.insert(page);
    request(page);
  }
  if (shown.isEmpty()) askFor(0);
}

void PagedModel::pageArrived(int page, qint64 total) {
  requested_.remove(page);
  here_.insert(page);
  if (total > rows_) {
    beginInsertRows({}, rowCount(), static_cast<int>(total) - 1);
    rows_ = total;
    endInsertRows();
  } else if (total < rows_) {
    beginRemoveRows({}, static_cast<int>(total), rowCount() - 1);
    rows_ = total;
    endRemoveRows();
  }
  const int first = page * pageRows;
  const int last = std::min<int>(first + pageRows, rowCount()) - 1;
  if (last >= first && columnCount() > 0) emit dataChanged(index(first, 0), index(last, columnCount() - 1));
  if (!std::exchange(problem_, {}).isEmpty()) emit problemChanged();
  if (std::exchange(loading_, false)) emit loadingChanged();
  emit totalChanged(rows_);
}

void PagedModel::pageFailed(const QString& sentence) {
  requested_.clear();
  if (std::exchange(loading_, false)) emit loadingChanged();
  problem_ = sentence;
  emit problemChanged();
}

}  // namespace penstock::ui
