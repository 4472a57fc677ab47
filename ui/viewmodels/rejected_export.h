#pragma once

#include <QFile>
#include <QObject>
#include <QPointer>

#include "client/call.h"
#include "client/connection.h"
#include "client/rows.h"

namespace penstock::ui {

// Writes rejected rows of any number to a CSV file, page by page. The file appears under its name when it is complete.
class RejectedExport : public QObject {
  Q_OBJECT
 public:
  explicit RejectedExport(QObject* parent = nullptr);

  void start(Connection* engine, const RejectedFilter& filter, const QString& path);
  bool isRunning() const { return call_.isRunning(); }

 signals:
  void progressed(qint64 rows, qint64 total);
  // An empty problem: done.
  void ended(qint64 rows, const QString& problem);

 private:
  void next();
  void write(const RejectedPage& page);

  QPointer<Connection> engine_;
  RejectedFilter filter_;
  QString path_;
  QFile file_;
  qint64 rows_ = 0;
  ScopedCall call_;
};

}  // namespace penstock::ui
