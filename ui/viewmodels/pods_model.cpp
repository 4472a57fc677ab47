#include "viewmodels/pods_model.h"

namespace penstock::ui {
namespace {

bool isNumber(int column) { return column >= PodsModel::Behind && column <= PodsModel::Age; }

}  // namespace

PodsModel::PodsModel(Fleet& fleet, QObject* parent) : FleetModel(fleet, parent) {
  listen([](const EnginePicture& known) { return valuesOf(known.pods); },
         [](const TelemetryChanges& changes) { return std::pair(&changes.pods, changes.removedPods); });
}

PodPhase PodsModel::phaseOf(int row) const {
  return isUnknown(this->row(row)) ? PodPhase::Unknown : this->row(row).state.phase;
}

// "0, 3, 6 of 8"; with the pipeline's name where the pod has shards of several.
QString PodsModel::shardsOf(const Row& row) const {
  QStringList parts;
  for (const PodShards& some : row.state.shards) {
    QStringList numbers;
    for (const int shard : some.shards) numbers << QString::number(shard);
    const int all = row.engine->picture().pipelines.value(some.pipeline).shards;
    const QString name = row.state.shards.size() > 1 ? some.pipeline + ' ' : QString();
    parts << name + (all > 0 ? tr("%1 of %2").arg(numbers.join(QStringLiteral(", "))).arg(all) : numbers.join(QStringLiteral(", ")));
  }
  return parts.isEmpty() ? noValue : parts.join(QStringLiteral(" · "));
}

QString PodsModel::textOf(int index, int column) const {
  const Row& row = this->row(index);
  const PodState& pod = row.state;
  switch (column) {
    case Name: return pod.name;
    case Phase: {
      const PodPhase phase = phaseOf(index);
      if (phase == PodPhase::Unknown) return QStringLiteral("unknown · silent ") + duration(silence(row));
      return shapeOf(phase) == mark::Ok ? wordOf(phase) : wordOf(phase) + QStringLiteral(" · ") + duration(wallClockNow() - pod.phaseSince);
    }
    case Engine: return row.engine->name();
    case Host: return pod.host;
    case Pipelines: return pod.pipelines.join(QStringLiteral(", "));
    case Shards: return shardsOf(row);
    case Behind: return grouped(pod.behindRows);
    case Cpu: return QString::number(pod.cpuPercent, 'f', pod.cpuPercent < 9.95 ? 1 : 0) + QStringLiteral(" %");
    case Memory: return bytes(pod.memoryBytes);
    case Restarts: return grouped(pod.restarts);
    case Age: return isKnown(pod.startedAt) ? duration(wallClockNow() - pod.startedAt) : noValue;
    default: return {};
  }
}

QVariant PodsModel::sortValue(int index, int column) const {
  const PodState& pod = row(index).state;
  switch (column) {
    case State: return rankOf(shapeOf(phaseOf(index)));
    case Behind: return qlonglong(pod.behindRows);
    case Cpu: return pod.cpuPercent;
    case Memory: return qlonglong(pod.memoryBytes);
    case Restarts: return pod.restarts;
    case Age: return -qlonglong(microsOf(pod.startedAt));
    default: return textOf(index, column);
  }
}

QVariant PodsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = this->row(index.row());
  const PodState& pod = row.state;
  const int shape = shapeOf(phaseOf(index.row()));
  switch (role) {
    case Qt::DisplayRole: return textOf(index.row(), index.column());
    case Qt::TextAlignmentRole: return isNumber(index.column()) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case Qt::ToolTipRole:
      if (index.column() == Age) return bothZones(pod.startedAt);
      if (index.column() == Pipelines) return pod.pipelines.join('\n');
      if (index.column() == Shards && !pod.shards.empty()) return tr("Parts of the pipeline's partitions, each with a state of its own");
      return pod.reason;
    case Qt::AccessibleTextRole:
      return index.column() == State ? pod.name + ' ' + wordOf(phaseOf(index.row())) : textOf(index.row(), index.column());
    case ShapeRole: return shape;
    case ToneRole:
      if (index.column() == Phase) return shape == mark::Ok ? int(voice::Dim) : toneOf(shape);
      if (index.column() == Behind || index.column() == Restarts) return sortValue(index.row(), index.column()).toLongLong() == 0 ? voice::Dim : voice::Normal;
      if (index.column() == Shards) return pod.shards.empty() ? voice::Faint : voice::Normal;
      return index.column() == Engine || index.column() == Host || index.column() == Age ? voice::Dim : voice::Normal;
    case StaleRole: return isStale(row);
    case SortRole: return sortValue(index.row(), index.column());
    case RankRole: return rankOf(shape);
    case HealthyRole: return shape == mark::Ok;
    case SearchRole: return QStringList{pod.name, row.engine->name(), pod.host, pod.pipelines.join(' '), wordOf(phaseOf(index.row()))}.join(' ');
    case IdRole: return pod.name;
    case EngineRole: return row.engine->name();
    case LinkRole: return Link{row.engine->name(), QStringLiteral("pods"), pod.name, {}}.toString();
    case PhaseRole: return nameOf(phaseOf(index.row()));
    default: return {};
  }
}

QVariant PodsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return isNumber(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  if (role == Qt::AccessibleTextRole && section == State) return tr("State");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Name: return tr("Pod");
    case Phase: return tr("Phase");
    case Engine: return tr("Engine");
    case Host: return tr("Host");
    case Pipelines: return tr("Pipelines");
    case Shards: return tr("Shards");
    case Behind: return tr("Rows behind");
    case Cpu: return tr("CPU");
    case Memory: return tr("Memory");
    case Restarts: return tr("Restarts");
    case Age: return tr("Age");
    default: return {};
  }
}

}  // namespace penstock::ui
