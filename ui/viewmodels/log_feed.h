#pragma once

#include <QObject>

#include "client/call.h"
#include "client/connection.h"
#include "client/records.h"

namespace penstock::ui {

// Log lines of one pod or one engine: some of the past, then those that come.
class LogFeed : public QObject {
  Q_OBJECT
 public:
  explicit LogFeed(QObject* parent = nullptr) : QObject(parent) {}

  void followPod(Connection* engine, const QString& pod, int tail = 500);
  void followEngine(Connection* engine, const QString& minLevel, int tail = 1'000);
  void stop() { call_.cancel(); }
  bool isFollowing() const { return call_.isRunning(); }
  const QString& problem() const { return problem_; }

 signals:
  void restarted();             // what was shown is of another pod or engine
  void arrived(const std::vector<penstock::ui::LogEntry>& lines);
  void ended(const QString& why);

 private:
  void begin();
  StreamReply<LogEntry> reply();

  QString problem_;
  ScopedCall call_;
};

}  // namespace penstock::ui
