#pragma once

#include <Qt>

namespace penstock::ui {

// What a cell of an item model carries beside Qt's own roles. The delegates of ui/widgets take these numbers as
// constructor parameters, so that neither folder includes the other.
enum Role : int {
  // Value to sort by, where the shown text does not sort.
  SortRole = Qt::UserRole + 1,
  // Stable identity of the row's object, QString.
  IdRole,
  // int, widgets/tone.h: 0 normal, 1 dim, 2 faint, 3 warning, 4 failing, 5 success, 6 link.
  ToneRole,
  // bool: keys, SQL and positions, shown in the mono font.
  MonoRole,
  // bool: the engine is silent; the row is drawn dim and tells no state.
  StaleRole,
  // bool: the row's page is on its way; drawn as a grey bar.
  LoadingRole,
  // int, widgets/state_shape.h: 0 unknown, 1 ok, 2 warning, 3 failing, 4 idle, 5 running.
  ShapeRole,
  // QList<double>, oldest first, NaN where nothing was reported.
  SeriesRole,
  // double: measured value divided by its objective; infinite when there is no value because nothing gets through;
  // NaN or invalid when there is no objective.
  ObjectiveRole,
  // QList<int>, oldest first: 0 no data, 1 ok, 2 warning, 3 failing.
  HistoryRole,
  // int, of the row: 0 is worst.
  RankRole,
  // bool, of the row: may be folded away.
  HealthyRole,
  // QString, of the row: what a filter looks in.
  SearchRole,
  // QString, of the row: name of the connection; empty where rows are of no engine.
  EngineRole,
  // QString, of the row: penstock://…
  LinkRole,
  // First role that a model may use for itself.
  FirstOwnRole = Qt::UserRole + 64,
};

// The numbers under ShapeRole.
namespace mark {
enum Shape : int { Unknown = 0, Ok = 1, Warning = 2, Failing = 3, Idle = 4, Running = 5 };
}

// The numbers under ToneRole.
namespace voice {
enum Voice : int { Normal = 0, Dim = 1, Faint = 2, Warning = 3, Failing = 4, Success = 5, Link = 6 };
}

}  // namespace penstock::ui
