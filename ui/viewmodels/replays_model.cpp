#include "viewmodels/replays_model.h"

namespace penstock::ui {
namespace {

bool isNumber(int column) { return column >= ReplaysModel::Rows && column <= ReplaysModel::TimeLeft; }
bool isRunning(const ReplayState& state) { return state.status == "running" || state.status == "verifying"; }

QVariant fractionOf(const ReplayState& state) {
  if (state.rowsTotal <= 0) return {};
  return std::min(1.0, static_cast<double>(state.rowsDone) / static_cast<double>(state.rowsTotal));
}

std::optional<Micros> timeLeft(const ReplayState& state) {
  if (!isRunning(state) || state.rowsPerSecond <= 0 || state.rowsTotal <= 0) return std::nullopt;
  return Micros(static_cast<qint64>(static_cast<double>(state.rowsTotal - state.rowsDone) / state.rowsPerSecond * 1e6));
}

}  // namespace

ReplaysModel::ReplaysModel(Fleet& fleet, QObject* parent) : FleetModel(fleet, parent) {
  listen([](const EnginePicture& known) { return valuesOf(known.replays); },
         [](const TelemetryChanges& changes) { return std::pair(&changes.replays, QStringList()); });
}

QString ReplaysModel::textOf(int index, int column) const {
  const ReplayState& state = row(index).state;
  switch (column) {
    case Kind: return state.kind;
    case Pipeline: return state.pipeline;
    case Progress: {
      const QVariant fraction = fractionOf(state);
      return fraction.isValid() && isRunning(state) ? percent(fraction.toDouble()) : state.status;
    }
    case Rows: return state.rowsTotal > 0 ? QStringLiteral("%1 of %2").arg(grouped(state.rowsDone), grouped(state.rowsTotal)) : grouped(state.rowsDone);
    case Rate: return !isRunning(state) ? QString(noValue) : state.rateLimit > 0 ? tr("%1 of %2").arg(rate(state.rowsPerSecond), rate(state.rateLimit)) : rate(state.rowsPerSecond);
    case TimeLeft: return duration(timeLeft(state));
    case Started: return isKnown(state.startedAt) ? duration(wallClockNow() - state.startedAt) + QStringLiteral(" ago") : noValue;
    case Who: return state.who;
    case Outcome: return state.outcome.isEmpty() ? state.why : state.outcome;
    default: return {};
  }
}

QVariant ReplaysModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = this->row(index.row());
  const ReplayState& state = row.state;
  const int shape = isUnknown(row) ? int(mark::Unknown) : replayShapeOf(state.status);
  switch (role) {
    case Qt::DisplayRole: return textOf(index.row(), index.column());
    case Qt::TextAlignmentRole: return isNumber(index.column()) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case Qt::ToolTipRole: return index.column() == Started ? bothZones(state.startedAt) : textOf(index.row(), index.column());
    case Qt::AccessibleTextRole: return index.column() == State ? state.kind + ' ' + state.status : textOf(index.row(), index.column());
    case ShapeRole: return shape;
    case ToneRole:
      if (index.column() == Outcome && !state.outcome.isEmpty()) return shape == mark::Failing ? voice::Failing : voice::Success;
      return index.column() == Started || index.column() == Who || index.column() == Outcome ? voice::Dim : voice::Normal;
    case StaleRole: return isStale(row);
    case SortRole:
      switch (index.column()) {
        case Rows: return qlonglong(state.rowsTotal);
        case Rate: return state.rowsPerSecond;
        case Started: return -qlonglong(microsOf(state.startedAt));
        default: return textOf(index.row(), index.column());
      }
    case RankRole: return isRunning(state) ? 0 : state.status == "paused" || state.status == "planned" ? 1 : 2;
    case HealthyRole: return false;
    case SearchRole: return QStringList{state.kind, state.pipeline, state.status, state.who, state.why}.join(' ');
    case IdRole: return state.id;
    case EngineRole: return row.engine->name();
    case LinkRole: return Link{row.engine->name(), QStringLiteral("replay"), state.id, {}}.toString();
    case FractionRole: return fractionOf(state);
    case StatusRole: return state.status;
    default: return {};
  }
}

QVariant ReplaysModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return isNumber(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  if (role == Qt::AccessibleTextRole && section == State) return tr("State");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Kind: return tr("What");
    case Pipeline: return tr("Pipeline");
    case Progress: return tr("Progress");
    case Rows: return tr("Rows");
    case Rate: return tr("Rows/s");
    case TimeLeft: return tr("Time left");
    case Started: return tr("Started");
    case Who: return tr("By");
    case Outcome: return tr("Outcome");
    default: return {};
  }
}

}  // namespace penstock::ui
