#include "viewmodels/workspace_connections_model.h"

#include "client/workspace_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {

void WorkspaceConnectionsModel::show(Connection* engine) {
  engine_ = engine;
  beginResetModel();
  rows_.clear();
  endResetModel();
  if (!engine) return;
  call_ = WorkspaceClient(*engine).connections(this, [this](const Answer<std::vector<WorkspaceConnection>>& answer) {
    problem_ = answer ? QString() : answer.error().message;
    beginResetModel();
    rows_.clear();
    if (answer) {
      for (const WorkspaceConnection& connection : *answer) rows_.push_back({connection, mark::Idle, tr("not tested")});
    }
    endResetModel();
    emit changed();
  });
}

void WorkspaceConnectionsModel::test(int row) {
  if (!engine_ || row < 0 || row >= rowCount()) return;
  const QString name = rows_[static_cast<size_t>(row)].connection.name;
  tell(name, mark::Running, tr("asking"));
  WorkspaceClient(*engine_).testConnection(name, this, [this, name](const Answer<ConnectionTest>& answer) {
    if (!answer) return tell(name, mark::Failing, answer.error().message);
    tell(name, answer->reached ? mark::Ok : mark::Failing,
         answer->reached ? tr("reached in %1 · %2").arg(duration(answer->took), answer->message) : answer->message);
  });
}

void WorkspaceConnectionsModel::tell(const QString& name, int shape, const QString& outcome) {
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].connection.name != name) continue;
    rows_[i].shape = shape;
    rows_[i].outcome = outcome;
    emit dataChanged(index(static_cast<int>(i), 0), index(static_cast<int>(i), columns - 1));
  }
}

int WorkspaceConnectionsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }

QVariant WorkspaceConnectionsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = rows_[static_cast<size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case Name: return row.connection.name;
        case Kind: return row.connection.kind;
        case Endpoint: return row.connection.endpoint;
        case UsedBy: return row.connection.usedBy.join(QStringLiteral(", "));
        case Outcome: return row.outcome;
        default: return {};
      }
    case Qt::ToolTipRole: return data(index, Qt::DisplayRole);
    case Qt::AccessibleTextRole: return index.column() == State ? QVariant(row.outcome) : data(index, Qt::DisplayRole);
    case ShapeRole: return row.shape;
    case ToneRole:
      if (index.column() == Outcome) return row.shape == mark::Failing ? voice::Failing : row.shape == mark::Ok ? voice::Success : voice::Dim;
      return index.column() == Name ? voice::Normal : voice::Dim;
    case MonoRole: return index.column() == Endpoint;
    case IdRole: return row.connection.name;
    case EngineRole: return engine_ ? engine_->name() : QString();
    default: return {};
  }
}

QVariant WorkspaceConnectionsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::AccessibleTextRole && section == State) return tr("State");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Name: return tr("Connection");
    case Kind: return tr("Kind");
    case Endpoint: return tr("Where");
    case UsedBy: return tr("Used by");
    case Outcome: return tr("Test");
    default: return {};
  }
}

}  // namespace penstock::ui
