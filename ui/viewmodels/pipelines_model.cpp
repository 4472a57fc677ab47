#include "viewmodels/pipelines_model.h"

#include <limits>

namespace penstock::ui {
namespace {

bool isNumber(int column) {
  switch (column) {
    case PipelinesModel::Rate:
    case PipelinesModel::Behind:
    case PipelinesModel::P50:
    case PipelinesModel::P99:
    case PipelinesModel::Failing: return true;
    default: return false;
  }
}

bool isHalted(PipelineStatus status) {
  return status == PipelineStatus::Stuck || status == PipelineStatus::Failing;
}

bool missesObjective(const PipelineState& state) {
  return state.objectiveP99.count() > 0 && state.queryable.count > 0 && state.queryable.p99 > state.objectiveP99;
}

// Failing rows are the warning of a pipeline that runs.
int shapeAt(const PipelineState& state, PipelineStatus status) {
  const int shape = shapeOf(status);
  const bool warns = (!state.history.empty() && state.history.back() >= 2 && state.failingRows > 0) || missesObjective(state);
  return warns && (shape == mark::Ok || shape == mark::Running) ? mark::Warning : shape;
}

QVariant objectiveOf(const PipelineState& state, PipelineStatus status) {
  if (state.objectiveP99.count() == 0) return {};
  if (isHalted(status)) return std::numeric_limits<double>::infinity();
  if (state.queryable.count == 0) return {};
  return static_cast<double>(state.queryable.p99.count()) / static_cast<double>(state.objectiveP99.count());
}

}  // namespace

PipelinesModel::PipelinesModel(Fleet& fleet, QObject* parent) : FleetModel(fleet, parent) {
  listen([](const EnginePicture& known) { return valuesOf(known.pipelines); },
         [](const TelemetryChanges& changes) { return std::pair(&changes.pipelines, changes.removedPipelines); });
}

PipelineStatus PipelinesModel::statusOf(int row) const {
  return isUnknown(this->row(row)) ? PipelineStatus::Unknown : this->row(row).state.status;
}

QString PipelinesModel::textOf(int index, int column) const {
  const Row& row = this->row(index);
  const PipelineState& state = row.state;
  const PipelineStatus status = statusOf(index);
  const bool idle = shapeOf(status) == mark::Idle;
  switch (column) {
    case Name: return state.name;
    case Tenant: return state.tenant;
    case Engine: return row.engine->name();
    case Rate: return isUnknown(row) ? QStringLiteral("unknown") : idle ? wordOf(status) : rate(state.rowsPerSecond);
    case Behind:
      if (isUnknown(row)) return QStringLiteral("silent ") + duration(silence(row));
      if (idle && state.behindRows.value_or(0) == 0) return noValue;
      return duration(state.behind);
    case P50: return state.queryable.count ? milliseconds(state.queryable.p50) : noValue;
    case P99:
      if (isHalted(status)) return wordOf(status);
      return state.queryable.count ? milliseconds(state.queryable.p99) : noValue;
    case Failing: return grouped(state.failingRows);
    case Pods: return QStringLiteral("%1 of %2").arg(state.podsReady).arg(state.podsWanted);
    default: return {};
  }
}

int PipelinesModel::toneAt(int index, int column) const {
  const PipelineState& state = row(index).state;
  const PipelineStatus status = statusOf(index);
  switch (column) {
    case Tenant:
    case Engine:
    case P50:
    case Pods: return voice::Dim;
    case Sparkline:
    case History: return isHalted(status) ? voice::Failing : voice::Dim;
    case P99: return isHalted(status) ? voice::Failing : missesObjective(state) ? voice::Warning : voice::Normal;
    case Failing:
      if (state.failingRows == 0) return voice::Dim;
      return shapeAt(state, status) == mark::Warning ? voice::Warning : voice::Normal;
    default: return voice::Normal;
  }
}

QVariant PipelinesModel::sortValue(int index, int column) const {
  const PipelineState& state = row(index).state;
  switch (column) {
    case State: return rankOf(shapeAt(state, statusOf(index)));
    case Rate: return state.rowsPerSecond;
    case Behind: return state.behind ? qlonglong(state.behind->count()) : std::numeric_limits<qlonglong>::max();
    case P50: return qlonglong(state.queryable.p50.count());
    case P99:
    case Objective: return qlonglong(isHalted(statusOf(index)) ? std::numeric_limits<qint64>::max() : state.queryable.p99.count());
    case Failing: return qlonglong(state.failingRows);
    default: return textOf(index, column);
  }
}

QVariant PipelinesModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = this->row(index.row());
  const PipelineState& state = row.state;
  const PipelineStatus status = statusOf(index.row());
  switch (role) {
    case Qt::DisplayRole: return textOf(index.row(), index.column());
    case Qt::TextAlignmentRole: return isNumber(index.column()) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case Qt::ToolTipRole:
      if (isUnknown(row)) return QStringLiteral("%1 has been silent for %2; this is what it told last").arg(row.engine->name(), duration(silence(row)));
      if (index.column() == Behind && state.behindRows) return counted(*state.behindRows, "row waits", "rows wait");
      return state.reason.isEmpty() ? wordOf(status) : state.reason;
    case Qt::AccessibleTextRole:
      return index.column() == State ? state.name + ' ' + wordOf(status) : textOf(index.row(), index.column());
    case ShapeRole: return shapeAt(state, status);
    case ToneRole: return toneAt(index.row(), index.column());
    case StaleRole: return isStale(row);
    case SeriesRole: return QVariant::fromValue(QList<double>(state.sparkline.begin(), state.sparkline.end()));
    case HistoryRole: return QVariant::fromValue(QList<int>(state.history.begin(), state.history.end()));
    case ObjectiveRole: return objectiveOf(state, status);
    case SortRole: return sortValue(index.row(), index.column());
    case RankRole: return rankOf(shapeAt(state, status));
    case HealthyRole: return shapeAt(state, status) == mark::Ok;
    case SearchRole: return QStringList{state.name, state.tenant, row.engine->name(), wordOf(status)}.join(' ');
    case IdRole: return state.name;
    case EngineRole: return row.engine->name();
    case LinkRole: return Link{row.engine->name(), QStringLiteral("overview"), state.name, {}}.toString();
    case StatusRole: return nameOf(status);
    case TenantRole: return state.tenant;
    default: return {};
  }
}

QVariant PipelinesModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return isNumber(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole) {
    switch (section) {
      case Behind: return tr("Age of the oldest row that waits");
      case P50:
      case P99: return tr("From the source event to queryable here, last minute");
      case Failing: return tr("Quarantined and dead, last 15 minutes");
      case History: return tr("One cell a minute: low is well, notched is a warning, full is failing");
      default: return {};
    }
  }
  if (role == Qt::AccessibleTextRole && section == State) return tr("State");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Name: return tr("Pipeline");
    case Tenant: return tr("Tenant");
    case Engine: return tr("Engine");
    case Rate: return tr("Rows/s");
    case Sparkline: return tr("Last 15 min");
    case Behind: return tr("Behind");
    case P50: return tr("p50 ms");
    case P99: return tr("p99 ms");
    case Objective: return tr("Against objective");
    case Failing: return tr("Failing rows");
    case Pods: return tr("Pods");
    case History: return tr("Last 10 min");
    default: return {};
  }
}

}  // namespace penstock::ui
