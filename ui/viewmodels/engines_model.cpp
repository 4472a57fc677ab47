#include "viewmodels/engines_model.h"

#include <algorithm>

#include "viewmodels/format.h"
#include "viewmodels/states.h"

namespace penstock::ui {

EnginesModel::EnginesModel(Fleet& fleet, QObject* parent) : QAbstractTableModel(parent), engines_(fleet.connections()) {
  connect(&fleet, &Fleet::added, this, [this](Connection* engine) {
    beginInsertRows({}, rowCount(), rowCount());
    engines_.push_back(engine);
    endInsertRows();
    emit sentenceChanged();
  });
  connect(&fleet, &Fleet::aboutToRemove, this, [this](Connection* engine) {
    const auto found = std::find(engines_.begin(), engines_.end(), engine);
    if (found == engines_.end()) return;
    const int row = static_cast<int>(found - engines_.begin());
    beginRemoveRows({}, row, row);
    engines_.erase(found);
    endRemoveRows();
    emit sentenceChanged();
  });
  connect(&fleet, &Fleet::stateChanged, this, &EnginesModel::touch);
  connect(&fleet, &Fleet::infoChanged, this, &EnginesModel::touch);
  ageing_.setInterval(1'000);
  connect(&ageing_, &QTimer::timeout, this, &EnginesModel::touch);
  ageing_.start();
}

void EnginesModel::touch() {
  if (!engines_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
  emit sentenceChanged();
}

int EnginesModel::liveCount() const {
  return static_cast<int>(std::count_if(engines_.begin(), engines_.end(), [](const Connection* engine) { return engine->isFresh(); }));
}

QString EnginesModel::sentence() const {
  if (engines_.empty()) return tr("No engine");
  const int live = liveCount();
  QString text = engines_.size() == 1 ? (live == 1 ? tr("Engine live") : tr("Engine %1").arg(wordOf(engines_[0]->state())))
                                      : tr("%1 of %2 engines live").arg(live).arg(engines_.size());
  std::chrono::milliseconds slowest{};
  const Connection* silent = nullptr;
  for (const Connection* engine : engines_) {
    if (engine->isFresh()) slowest = std::max(slowest, engine->behind());
    else if (engine->state() != EngineState::Connecting && !silent) silent = engine;
  }
  if (silent) return text + tr(" · %1 silent for %2").arg(silent->name(), duration(Micros(silent->behind())));
  if (live == 0) return text;
  return text + (engines_.size() == 1 ? tr(" · %1 ms behind") : tr(" · slowest %1 ms behind")).arg(slowest.count());
}

int EnginesModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(engines_.size()); }

QVariant EnginesModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Connection& engine = *engines_[static_cast<size_t>(index.row())];
  const EngineInfo& info = engine.info();
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case State: return {};
        case Name: return engine.name();
        case Environment: return info.isProtected ? info.environment + tr(" · protected") : info.environment;
        case Workspace: return info.workspace;
        case Address: return engine.isEmbedded() ? tr("in this window") : engine.address();
        case Version: return info.version;
        case Behind: return engine.isFresh() ? QStringLiteral("%1 ms").arg(engine.behind().count()) : tr("silent %1").arg(duration(Micros(engine.behind())));
        case Problem: return engine.isFresh() ? wordOf(engine.state()) : wordOf(engine.state()) + (engine.problem().message.isEmpty() ? QString() : QStringLiteral(" · ") + engine.problem().message);
        default: return {};
      }
    case Qt::TextAlignmentRole: return index.column() == Behind ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case Qt::ToolTipRole: return engine.problem().action.isEmpty() ? info.workspaceRoot : engine.problem().action;
    case Qt::AccessibleTextRole: return index.column() == State ? wordOf(engine.state()) : data(index, Qt::DisplayRole);
    case ShapeRole: return shapeOf(engine.state());
    case ToneRole:
      if (index.column() == Problem) return engine.isFresh() ? int(voice::Dim) : toneOf(shapeOf(engine.state()));
      return index.column() == Name || index.column() == Environment ? voice::Normal : voice::Dim;
    case MonoRole: return index.column() == Address && !engine.isEmbedded();
    case StaleRole: return !engine.isFresh();
    case RankRole: return rankOf(shapeOf(engine.state()));
    case SearchRole: return QStringList{engine.name(), info.environment, info.workspace, engine.address()}.join(' ');
    case IdRole:
    case EngineRole: return engine.name();
    case ColourRole: return info.colour;
    case ProtectedRole: return info.isProtected;
    default: return {};
  }
}

QVariant EnginesModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return section == Behind ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  if (role == Qt::AccessibleTextRole && section == State) return tr("State");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Name: return tr("Engine");
    case Environment: return tr("Environment");
    case Workspace: return tr("Workspace");
    case Address: return tr("Address");
    case Version: return tr("Version");
    case Behind: return tr("Behind");
    case Problem: return tr("State");
    default: return {};
  }
}

}  // namespace penstock::ui
