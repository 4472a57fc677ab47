#include "viewmodels/query_model.h"

#include "client/query_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {
namespace {

bool isNumber(const QVariant& cell) {
  return cell.typeId() == QMetaType::LongLong || cell.typeId() == QMetaType::Double;
}

QByteArray field(const QString& text) {
  if (!text.contains('"') && !text.contains(',') && !text.contains('\n') && !text.contains('\r')) return text.toUtf8();
  return '"' + QString(text).replace('"', QStringLiteral("\"\"")).toUtf8() + '"';
}

}  // namespace

void QueryModel::run(Connection* engine, const QString& sql) {
  call_.cancel();
  beginResetModel();
  engine_ = engine;
  sql_ = sql;
  columns_.clear();
  rows_.clear();
  took_ = {};
  problem_ = {};
  cancelled_ = more_ = false;
  endResetModel();
  readPage();
}

void QueryModel::readPage() {
  if (!engine_) return;
  running_ = true;
  more_ = false;
  call_ = QueryClient(*engine_).run(sql_, pageRows, static_cast<qint64>(rows_.size()), this,
                                    {[this](std::vector<QueryPart> parts) { take(std::move(parts)); },
                                     [this](const std::optional<CallError>& error) {
                                       running_ = false;
                                       if (error) problem_ = *error;
                                       emit changed();
                                     }});
  emit changed();
}

void QueryModel::cancel() {
  if (!running_) return;
  call_.cancel();
  running_ = false;
  cancelled_ = true;
  emit changed();
}

void QueryModel::take(std::vector<QueryPart> parts) {
  for (QueryPart& part : parts) {
    if (columns_.empty() && !part.columns.empty()) {
      beginInsertColumns({}, 0, static_cast<int>(part.columns.size()) - 1);
      columns_ = part.columns;
      endInsertColumns();
    }
    if (!part.rows.empty()) {
      beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(part.rows.size()) - 1);
      std::move(part.rows.begin(), part.rows.end(), std::back_inserter(rows_));
      endInsertRows();
    }
    if (part.done) {
      more_ = part.truncated;
      took_ += part.took;
    }
  }
  emit changed();
}

QString QueryModel::sentence() const {
  const QString rows = counted(rowCount(), tr("row"), tr("rows"));
  if (running_) return rows_.empty() ? tr("running") : tr("running · %1").arg(rows);
  if (cancelled_) return tr("cancelled after %1").arg(rows);
  if (!problem_.message.isEmpty() || sql_.isEmpty()) return {};
  return more_ ? tr("%1 and more in %2 · go to the end for the next").arg(rows, duration(took_)) : tr("%1 in %2").arg(rows, duration(took_));
}

QByteArray QueryModel::csv() const {
  QByteArray out;
  for (size_t i = 0; i < columns_.size(); ++i) out += (i ? "," : "") + field(columns_[i].name);
  out += "\r\n";
  for (const Cells& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) out += (i ? "," : "") + (row[i].isValid() ? field(cellText(row[i])) : QByteArray());
    out += "\r\n";
  }
  return out;
}

int QueryModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
int QueryModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(columns_.size()); }

QVariant QueryModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Cells& row = rows_[static_cast<size_t>(index.row())];
  if (static_cast<size_t>(index.column()) >= row.size()) return {};
  const QVariant& cell = row[static_cast<size_t>(index.column())];
  switch (role) {
    case Qt::DisplayRole: return cellText(cell);
    case Qt::TextAlignmentRole: return isNumber(cell) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case Qt::ToolTipRole: return cell.canConvert<Instant>() ? bothZones(cell.value<Instant>()) : cellText(cell);
    case MonoRole: return true;
    case ToneRole: return cell.isValid() ? voice::Normal : voice::Faint;
    default: return {};
  }
}

QVariant QueryModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const Column& column = columns_[static_cast<size_t>(section)];
  if (role == Qt::DisplayRole) return column.name;
  if (role == Qt::ToolTipRole) return column.type;
  if (role == Qt::TextAlignmentRole && !rows_.empty()) return isNumber(rows_.front()[static_cast<size_t>(section)]) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  return {};
}

bool QueryModel::canFetchMore(const QModelIndex& parent) const { return !parent.isValid() && more_ && !running_; }

void QueryModel::fetchMore(const QModelIndex& parent) {
  if (canFetchMore(parent)) readPage();
}

}  // namespace penstock::ui
