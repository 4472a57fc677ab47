#pragma once

#include <QAbstractTableModel>
#include <QPointer>

#include "client/call.h"
#include "client/connection.h"
#include "client/rows.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

// The result of one SELECT: the first rows as they stream in, further pages when one goes to the end.
class QueryModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  static constexpr qint64 pageRows = 10'000;

  explicit QueryModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void run(Connection* engine, const QString& sql);
  void cancel();

  bool isRunning() const { return running_; }
  bool hasMore() const { return more_; }
  const CallError& problem() const { return problem_; }
  const QString& sql() const { return sql_; }
  // "1,000 rows in 4.3 ms", "10,000 rows and more in 18 ms", "cancelled after 3,000 rows".
  QString sentence() const;
  // RFC 4180, with a header; NULL is an empty field.
  QByteArray csv() const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  bool canFetchMore(const QModelIndex& parent) const override;
  void fetchMore(const QModelIndex& parent) override;

 signals:
  void changed();

 private:
  void readPage();
  void take(std::vector<QueryPart> parts);

  QPointer<Connection> engine_;
  QString sql_;
  std::vector<Column> columns_;
  std::vector<Cells> rows_;
  bool running_ = false;
  bool cancelled_ = false;
  bool more_ = false;
  Micros took_{};
  CallError problem_;
  ScopedCall call_;
};

}  // namespace penstock::ui
