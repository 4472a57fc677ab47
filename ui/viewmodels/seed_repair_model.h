#pragma once

#include <QAbstractTableModel>
#include <QPointer>

#include "client/call.h"
#include "client/connection.h"
#include "client/rows.h"

namespace penstock::ui {

// What would help the rows that fail an expectation: the engine's diagnosis and, where keys are missing from a seed, the
// rows that would have to be added to it: one per key, the columns of the seed, everything but the key to be typed.
class SeedRepairModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  explicit SeedRepairModel(QObject* parent = nullptr);

  // `sql`: the expectation's, which tells the key's column ("… IN (SELECT id FROM …)"); else it is the first one.
  void show(Connection* engine, const QString& pipeline, const QString& expectation, const QString& sql);
  // Asks again, as after a write.
  void reload();
  // The same while what is known stays on the screen, as when more rows have failed.
  void refresh();

  bool isLoading() const { return loading_; }
  const QString& problem() const { return problem_; }
  const Diagnosis& diagnosis() const { return diagnosis_; }
  bool hasRepair() const { return !rows_.isEmpty(); }
  // The seed with the missing rows at its end; its revision is that of what was read.
  Seed repaired() const;

  int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(header_.size()); }
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void changed();

 private:
  void ask();
  void take(const Seed& seed);
  void clear();
  void fail(const CallError& error);

  QPointer<Connection> engine_;
  QString pipeline_;
  QString expectation_;
  QString keyColumn_;
  Diagnosis diagnosis_;
  Seed seed_;
  QStringList header_;
  qsizetype key_ = 0;           // index of the key's column
  QList<QStringList> rows_;
  bool loading_ = false;
  QString problem_;
  ScopedCall call_;
};

}  // namespace penstock::ui
