#pragma once

#include <QAbstractTableModel>
#include <QPointer>

#include "client/call.h"
#include "client/commands.h"
#include "client/connection.h"
#include "viewmodels/format.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

// The savepoints of one pipeline, the newest first. They are read when asked for: nothing but a command changes them.
class SavepointsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Columns { Name, Made, Age, Version, RowsTaken, Shards, Size, columns };

  explicit SavepointsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  // Null: none.
  void show(Connection* engine, const QString& pipeline);
  void read();
  void setTimeZone(TimeZone zone);
  bool isLoading() const { return loading_; }
  // Of the last read; empty where it went through.
  const CallError& problem() const { return problem_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void changed();

 private:
  QPointer<Connection> engine_;
  QString pipeline_;
  std::vector<Savepoint> rows_;
  CallError problem_;
  bool loading_ = false;
  TimeZone zone_ = TimeZone::Utc;
  ScopedCall call_;
};

}  // namespace penstock::ui
