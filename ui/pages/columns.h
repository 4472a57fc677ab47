#pragma once

#include <QJsonObject>
#include <QTableView>

#include "viewmodels/held_order.h"
#include "widgets/cell_delegate.h"

namespace penstock::ui {

class Session;
class TableView;

// The numbers of ui/viewmodels/roles.h as the delegates of ui/widgets take them.
CellRoles cellRoles();

// A table over a HeldOrder: header clicks sort (a third one goes back to worst first), and no row moves under the
// pointer or the focus.
void holdOrder(TableView* table, HeldOrder* order);

// Until an engine has told anything a live table says that it waits, and not that there is nothing.
void showWaiting(TableView* table, const Session& session);

// What an empty live table says: that there is nothing of `all` yet, or that the filters hide them, with a button that shows them.
struct EmptyWords {
  QString title;                // "This workspace has no pipelines yet"
  QString hint;
};
void showEmpty(TableView* table, int all, const EmptyWords& none);

QJsonObject columnState(const QTableView* table);
void restoreColumnState(QTableView* table, const QJsonObject& state);

}  // namespace penstock::ui
