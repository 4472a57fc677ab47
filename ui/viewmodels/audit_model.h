#pragma once

#include <QPointer>

#include "client/connection.h"
#include "client/records.h"
#include "viewmodels/format.h"
#include "viewmodels/paged_model.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

// Who did what, newest first, however long the log is.
class AuditModel : public PagedModel {
  Q_OBJECT
 public:
  enum Columns { State, At, Who, Action, Target, Why, Outcome, columns };

  explicit AuditModel(QObject* parent = nullptr) : PagedModel(parent) {}

  void show(Connection* engine, const QString& containing);
  void setTimeZone(TimeZone zone);
  using PagedModel::refresh;
  const AuditEntry* entryAt(int row) const;

  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 protected:
  void request(int page) override;
  void forgetPages() override { pages_.clear(); }

 private:
  QPointer<Connection> engine_;
  QString containing_;
  TimeZone zone_ = TimeZone::Utc;
  QHash<int, std::vector<AuditEntry>> pages_;
  int generation_ = 0;
};

}  // namespace penstock::ui
