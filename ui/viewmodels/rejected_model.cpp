#include "viewmodels/rejected_model.h"

#include "client/quality_client.h"
#include "viewmodels/format.h"
#include "viewmodels/link.h"

namespace penstock::ui {
namespace {

bool isNumeric(const QString& type) {
  return type.contains(QStringLiteral("INT")) || type.startsWith(QStringLiteral("DECIMAL")) || type == "DOUBLE" || type == "FLOAT";
}

// "pos.sales/3 @ 88120394"
QString positionText(const Position& at) {
  return QStringLiteral("%1/%2 @ %3").arg(at.source).arg(at.partition).arg(at.offset);
}

}  // namespace

RejectedModel::RejectedModel(QObject* parent) : PagedModel(parent) {}

void RejectedModel::show(Connection* engine, const RejectedFilter& filter, const QString& order) {
  engine_ = engine;
  filter_ = filter;
  order_ = order;
  ++generation_;
  chooseAll(false);
  if (engine) restart();
}

void RejectedModel::setTimeZone(TimeZone zone) {
  zone_ = zone;
  emit headerDataChanged(Qt::Horizontal, RejectedAt, RejectedAt);
  if (rowCount() > 0) emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void RejectedModel::choose(int row, bool chosen) {
  const RejectedRow* rejected = rowAt(row);
  if (!rejected || isChosen(rejected->id) == chosen) return;
  if (chosen == allChosen_) exceptions_.removeAll(rejected->id);
  else exceptions_.append(rejected->id);
  emit dataChanged(index(row, Chosen), index(row, Chosen), {Qt::CheckStateRole});
  emit chosenChanged();
}

void RejectedModel::chooseAll(bool chosen) {
  allChosen_ = chosen;
  exceptions_.clear();
  if (rowCount() > 0) emit dataChanged(index(0, Chosen), index(rowCount() - 1, Chosen), {Qt::CheckStateRole});
  emit chosenChanged();
}

qint64 RejectedModel::chosenCount() const {
  return allChosen_ ? std::max<qint64>(0, total_ - exceptions_.size()) : exceptions_.size();
}

RejectedFilter RejectedModel::chosen() const {
  RejectedFilter filter = filter_;
  if (allChosen_) filter.exceptIds = exceptions_;
  else filter.onlyIds = exceptions_;
  return filter;
}

bool RejectedModel::isChosen(const QString& id) const { return exceptions_.contains(id) != allChosen_; }

const RejectedRow* RejectedModel::rowAt(int row) const {
  const auto page = pages_.constFind(row / pageRows);
  const auto place = static_cast<size_t>(row % pageRows);
  return page == pages_.constEnd() || place >= page->size() ? nullptr : &(*page)[place];
}

int RejectedModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : firstValue + static_cast<int>(values_.size());
}

QString RejectedModel::textOf(const RejectedRow& row, int column) const {
  switch (column) {
    case Key: return row.key;
    case Reason: return row.reason;
    case On: return row.expectation.isEmpty() ? row.stream + '.' + row.step : row.expectation;
    case RejectedAt: return timeOfDay(row.rejectedAt, zone_);
    case Hop: return row.hop == 0 ? noValue : QString::number(row.hop);
    case Status: return row.status;
    case From: return positionText(row.origin);
    case Chosen: return {};
    default: break;
  }
  const auto value = static_cast<size_t>(column - firstValue);
  if (value >= row.values.size()) return {};
  const QVariant& cell = row.values[value];
  return cell.canConvert<Instant>() ? timeOfDay(cell.value<Instant>(), zone_) : cellText(cell);
}

QVariant RejectedModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const bool here = isHere(index.row());
  const RejectedRow* row = here ? rowAt(index.row()) : nullptr;
  if (!row) return role == LoadingRole ? QVariant(true) : QVariant();
  const int column = index.column();
  switch (role) {
    case Qt::DisplayRole: return textOf(*row, column);
    case Qt::CheckStateRole: return column == Chosen ? QVariant(int(isChosen(row->id) ? Qt::Checked : Qt::Unchecked)) : QVariant();
    case Qt::TextAlignmentRole:
      return headerData(column, Qt::Horizontal, role) == QVariant(Qt::AlignRight | Qt::AlignVCenter) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case Qt::ToolTipRole:
      if (column == RejectedAt) return bothZones(row->rejectedAt);
      return column >= firstValue ? QVariant() : QVariant(row->reason);
    case MonoRole: return column == Key || column == From || column >= firstValue;
    case ToneRole:
      if (column >= firstValue && row->reason.contains(values_[static_cast<size_t>(column - firstValue)].name)) return voice::Failing;
      return column == On || column == RejectedAt || column == Hop || column == Status || column == From ? voice::Dim : voice::Normal;
    case ShapeRole: return row->status == "open" ? mark::Warning : mark::Idle;
    case StaleRole: return !engine_ || !engine_->isFresh();
    case LoadingRole: return false;
    case IdRole: return row->id;
    case EngineRole: return engine_ ? engine_->name() : QString();
    case LinkRole: return Link{engine_ ? engine_->name() : QString(), QStringLiteral("quality"), QStringLiteral("row/") + row->id, {}}.toString();
    case StreamRole: return row->stream;
    case ExpectationRole: return row->expectation;
    default: return {};
  }
}

bool RejectedModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::CheckStateRole || !index.isValid() || index.column() != Chosen) return false;
  choose(index.row(), value.toInt() == Qt::Checked);
  return true;
}

Qt::ItemFlags RejectedModel::flags(const QModelIndex& index) const {
  const Qt::ItemFlags flags = PagedModel::flags(index);
  return index.isValid() && index.column() == Chosen ? flags | Qt::ItemIsUserCheckable : flags;
}

QVariant RejectedModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  const bool isValue = section >= firstValue && section < columnCount();
  if (role == Qt::TextAlignmentRole) {
    const bool right = section == Hop || (isValue && isNumeric(values_[static_cast<size_t>(section - firstValue)].type));
    return right ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  }
  if (role == Qt::ToolTipRole && isValue) return values_[static_cast<size_t>(section - firstValue)].type;
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Chosen: return {};
    case Key: return tr("Key");
    case Reason: return tr("Reason");
    case On: return tr("Failed");
    case RejectedAt: return tr("Rejected (%1)").arg(zoneName(zone_, wallClockNow()));
    case Hop: return tr("Redriven");
    case Status: return tr("Status");
    case From: return tr("From");
    default: return isValue ? values_[static_cast<size_t>(section - firstValue)].name : QString();
  }
}

void RejectedModel::request(int page) {
  if (!engine_) return;
  QualityClient(*engine_).listRejected(filter_, qint64(page) * pageRows, pageRows, order_, this,
                                       [this, page, generation = generation_](const Answer<RejectedPage>& answer) {
                                         if (generation != generation_) return;
                                         if (answer) take(page, *answer);
                                         else pageFailed(answer.error().message);
                                       });
}

void RejectedModel::forgetPages() {
  pages_.clear();
  values_.clear();
  total_ = 0;
}

void RejectedModel::take(int page, const RejectedPage& rows) {
  if (values_.empty() && !rows.columns.empty()) {
    beginInsertColumns({}, firstValue, firstValue + static_cast<int>(rows.columns.size()) - 1);
    values_ = rows.columns;
    endInsertColumns();
  }
  pages_[page] = rows.rows;
  total_ = rows.total;
  pageArrived(page, rows.total);
  emit chosenChanged();
}

}  // namespace penstock::ui
