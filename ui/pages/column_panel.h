#pragma once

#include <QWidget>

#include <functional>

#include "viewmodels/columns_model.h"

class QVBoxLayout;

namespace penstock::ui {

class Label;
class TableView;

// The columns of a node; of the chosen one out of what it is made, where it comes from and where it goes.
class ColumnPanel : public QWidget {
  Q_OBJECT
 public:
  // `labelOf` gives the name of a node by its id, as the graph writes it.
  explicit ColumnPanel(std::function<QString(const QString& node)> labelOf, QWidget* parent = nullptr);

  // No engine: nothing is shown.
  void show(Connection* engine, const QString& node);

 signals:
  // The nodes that the chosen column goes through; empty: none is chosen any more.
  void wayChosen(const QStringList& nodes);

 private:
  void showColumns();
  void showChosen();
  QString columnText(const QString& node, const QString& column) const { return labelOf_(node) + '.' + column; }

  const std::function<QString(const QString& node)> labelOf_;
  ColumnsModel model_;
  Label* title_;
  Label* message_;
  TableView* table_;
  Label* made_;
  Label* expression_;
  Label* ways_;
  QString chosen_;              // its name; empty: none
};

}  // namespace penstock::ui
