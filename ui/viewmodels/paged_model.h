#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QSet>
#include <QTimer>

namespace penstock::ui {

// The base of tables whose rows stay in the engine: knows how many there are, holds the pages that are looked at, and
// asks for the others. A row that is not here yet is grey (LoadingRole); data() never waits.
class PagedModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  static constexpr int pageRows = 200;

  int rowCount(const QModelIndex& parent = {}) const override;
  // Nothing known yet.
  bool isLoading() const { return loading_; }
  // The sentence of the last call that failed; empty when the last one did not.
  const QString& problem() const { return problem_; }

 signals:
  void loadingChanged();
  void problemChanged();
  void totalChanged(qint64 total);

 protected:
  explicit PagedModel(QObject* parent);

  // Asks the engine for these rows; ends in pageArrived() or pageFailed().
  virtual void request(int page) = 0;
  virtual void forgetPages() = 0;

  // From data(): false when the row is on its way. Asks for its page once.
  bool isHere(int row) const;
  bool isHerePage(int page) const { return here_.contains(page); }
  // Everything anew, as another filter or another engine wants.
  void restart();
  // The same rows again, kept on screen until the new ones are here.
  void refresh();
  void pageArrived(int page, qint64 total);
  void pageFailed(const QString& sentence);

 private:
  void askFor(int page) const;
  void askNow();

  qint64 rows_ = 0;
  bool loading_ = false;
  QString problem_;
  QSet<int> here_;
  mutable QSet<int> wanted_;    // asked for by data(), sent from the event loop
  QSet<int> requested_;
  mutable QTimer asking_;
};

}  // namespace penstock::ui
