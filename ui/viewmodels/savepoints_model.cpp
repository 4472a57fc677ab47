#include "viewmodels/savepoints_model.h"

#include "client/pipeline_client.h"

namespace penstock::ui {
namespace {

bool isNumber(int column) { return column >= SavepointsModel::Age; }

}  // namespace

void SavepointsModel::show(Connection* engine, const QString& pipeline) {
  engine_ = engine;
  pipeline_ = pipeline;
  problem_ = {};
  call_.cancel();
  beginResetModel();
  rows_.clear();
  endResetModel();
  read();
}

void SavepointsModel::read() {
  loading_ = engine_ && !pipeline_.isEmpty();
  emit changed();
  if (!loading_) return;
  call_ = PipelineClient(*engine_).listSavepoints(pipeline_, this, [this](const Answer<std::vector<Savepoint>>& answer) {
    loading_ = false;
    problem_ = answer ? CallError() : answer.error();
    beginResetModel();
    rows_ = answer ? *answer : std::vector<Savepoint>();
    endResetModel();
    emit changed();
  });
}

void SavepointsModel::setTimeZone(TimeZone zone) {
  zone_ = zone;
  if (rowCount() > 0) emit dataChanged(index(0, Made), index(rowCount() - 1, Made));
}

int SavepointsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }

QVariant SavepointsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Savepoint& one = rows_[static_cast<size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
      switch (index.column()) {
        case Name: return one.name;
        case Made: return dateAndTime(one.madeAt, zone_);
        case Age: return duration(wallClockNow() - one.madeAt);
        case Version: return QStringLiteral("v%1").arg(one.version);
        case RowsTaken: return grouped(one.rowsIn);
        case Shards: return grouped(one.shards);
        case Size: return bytes(one.bytes);
        default: return {};
      }
    case Qt::ToolTipRole: return index.column() == Made ? bothZones(one.madeAt) : index.column() == Size ? tr("As it would be alone: files that have not changed since are shared with the state") : QString();
    case Qt::TextAlignmentRole: return isNumber(index.column()) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case ToneRole: return index.column() == Name || index.column() == RowsTaken || index.column() == Size ? voice::Normal : voice::Dim;
    case IdRole: return one.name;
    case EngineRole: return engine_ ? engine_->name() : QString();
    default: return {};
  }
}

QVariant SavepointsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return isNumber(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Name: return tr("Savepoint");
    case Made: return tr("Made");
    case Age: return tr("Age");
    case Version: return tr("Version");
    case RowsTaken: return tr("Rows taken by then");
    case Shards: return tr("Shards");
    case Size: return tr("Size");
    default: return {};
  }
}

}  // namespace penstock::ui
