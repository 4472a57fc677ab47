#pragma once

#include <functional>
#include <QAbstractProxyModel>
#include <QHash>
#include <QTimer>
#include <vector>

namespace penstock::ui {

// The order in which a live table is shown: worst first (RankRole, then IdRole), or by a column (SortRole). While it
// is held, because the pointer or the focus is on the table, no row moves: new rows come last, changed ones stay where
// they are, and pendingChanges() counts what waits for apply(). For flat models.
class HeldOrder : public QAbstractProxyModel {
  Q_OBJECT
 public:
  explicit HeldOrder(QAbstractItemModel* source, QObject* parent = nullptr);

  // Held while any reason holds it: the pointer is over the table, or it has the focus.
  enum class Reason { Pointer, Focus };
  void hold(Reason reason, bool on);
  bool isHeld() const { return reasons_ != 0; }
  int pendingChanges() const { return pending_; }
  void apply();

  // Column -1: worst first.
  void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;
  int sortColumn() const { return sortColumn_; }

  // Words that all must occur in SearchRole; case does not matter.
  void setText(const QString& text);
  const QString& text() const { return text_; }
  // Only rows whose value under `role` is this; an invalid value lifts it.
  void setOnly(int role, const QVariant& value);
  // Healthy rows go into a number ("9,962 healthy") where there are more than `mostHealthy`; -1: never.
  void foldHealthy(int mostHealthy);
  int foldedHealthy() const { return folded_; }

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& child) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QModelIndex mapToSource(const QModelIndex& proxy) const override;
  QModelIndex mapFromSource(const QModelIndex& source) const override;

 signals:
  void pendingChanged(int changes);
  void foldedChanged(int healthy);

 private:
  struct Key {
    int rank = 0;
    double number = 0;
    QString text;
  };

  void onDataChanged(const QModelIndex& first, const QModelIndex& last);
  void onRowsInserted(int first, int last);
  void onRowsAboutToBeRemoved(int first, int last);
  void onRowsRemoved(int first, int last);
  void onReset();

  bool accepts(int sourceRow) const;
  Key keyOf(int sourceRow) const;
  std::vector<int> wanted();
  void settleSoon();
  void settle();
  void show(const std::vector<int>& order);
  void permute(const std::vector<int>& order);
  void place();
  void setPending(int changes);

  std::vector<int> order_;              // source rows as shown
  std::vector<int> places_;             // proxy row of each source row; -1: not shown
  std::vector<int> ranks_;              // of each source row when last looked at
  unsigned reasons_ = 0;
  int pending_ = 0;
  int sortColumn_ = -1;
  Qt::SortOrder sortOrder_ = Qt::AscendingOrder;
  QString text_;
  QHash<int, QVariant> only_;
  int mostHealthy_ = -1;
  int folded_ = 0;
  QTimer settling_;
};

}  // namespace penstock::ui
