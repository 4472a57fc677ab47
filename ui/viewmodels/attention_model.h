#pragma once

#include <QAbstractTableModel>

#include "client/fleet.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

// What needs the operator, of all engines, worst first and then longest first. An engine that does not answer is such a
// thing itself.
class AttentionModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Columns { Subject, Impact, Detail, Since, columns };

  struct Item {
    Attention attention;
    QString engine;             // name of the connection
  };

  explicit AttentionModel(Fleet& fleet, QObject* parent = nullptr);

  const Item& item(int row) const { return items_[static_cast<size_t>(row)]; }
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  void collect();

  Fleet& fleet_;
  std::vector<Item> items_;
};

}  // namespace penstock::ui
