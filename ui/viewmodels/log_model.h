#pragma once

#include <deque>
#include <QAbstractTableModel>
#include <QPointer>

#include "client/call.h"
#include "client/connection.h"
#include "client/records.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

// Log lines of one pod or one engine: some of the past, then those that come. Keeps the newest `mostLines`; how many
// older ones were let go is told, never hidden.
class LogModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Columns { At, Level, Origin, Text, columns };
  enum Roles { LevelRole = FirstOwnRole };
  static constexpr int mostLines = 50'000;

  explicit LogModel(QObject* parent = nullptr);

  void followPod(Connection* engine, const QString& pod, int tail = 500);
  void followEngine(Connection* engine, const QString& containing, const QString& minLevel, int tail = 1'000);
  void stop();

  const LogLine& line(int row) const { return lines_[static_cast<size_t>(row)]; }
  qint64 droppedLines() const { return dropped_; }
  bool isFollowing() const { return call_.isRunning(); }
  const QString& problem() const { return problem_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void problemChanged();

 private:
  void begin();
  StreamReply<LogLine> reply();
  void append(std::vector<LogLine> some);

  std::deque<LogLine> lines_;
  qint64 dropped_ = 0;
  QString problem_;
  ScopedCall call_;
};

}  // namespace penstock::ui
