#pragma once

#include <QPointer>
#include <QStringList>

#include "client/call.h"
#include "client/connection.h"
#include "client/rows.h"
#include "viewmodels/format.h"
#include "viewmodels/paged_model.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

// Rows in quarantine and dead letters, however many. After the fixed columns come those of the rows' own values, where
// all rows are of one step. A selection is a filter with exceptions, and that is what a command sends.
class RejectedModel : public PagedModel {
  Q_OBJECT
 public:
  enum Columns { Chosen, Key, Reason, On, RejectedAt, Hop, Status, From, firstValue };
  enum Roles { StreamRole = FirstOwnRole, ExpectationRole };

  explicit RejectedModel(QObject* parent = nullptr);

  // Reads anew. Without an engine the model is empty.
  void show(Connection* engine, const RejectedFilter& filter, const QString& order = QStringLiteral("time"));
  const RejectedFilter& filter() const { return filter_; }
  Connection* engine() const { return engine_; }
  qint64 total() const { return total_; }
  using PagedModel::refresh;
  void setTimeZone(TimeZone zone);

  void choose(int row, bool chosen);
  void chooseAll(bool chosen);
  qint64 chosenCount() const;
  // The chosen rows as a command sends them.
  RejectedFilter chosen() const;

  // Null while the row is on its way.
  const RejectedRow* rowAt(int row) const;

  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void chosenChanged();

 protected:
  void request(int page) override;
  void forgetPages() override;

 private:
  bool isChosen(const QString& id) const;
  void take(int page, const RejectedPage& rows);
  QString textOf(const RejectedRow& row, int column) const;

  QPointer<Connection> engine_;
  RejectedFilter filter_;
  QString order_;
  TimeZone zone_ = TimeZone::Utc;
  QHash<int, std::vector<RejectedRow>> pages_;
  std::vector<Column> values_;
  qint64 total_ = 0;
  bool allChosen_ = false;
  QStringList exceptions_;      // chosen where not all are; else not chosen
  int generation_ = 0;          // of what is shown; answers of an older one are dropped
};

}  // namespace penstock::ui
