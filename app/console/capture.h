#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

namespace penstock::ui {
class MainWindow;
class Session;
}  // namespace penstock::ui

namespace penstock {

// Waits until data flows, then goes through the pages and writes <page>-<theme>[-2x].png of each.
class Capture : public QObject {
  Q_OBJECT
 public:
  Capture(ui::MainWindow& window, ui::Session& session, QString folder, QString theme, int afterSeconds);

  // The state of each pipeline, a line each.
  QString statesTable() const;

 signals:
  // The pictures are there, or a sentence says why not.
  void finished(bool written, const QString& sentence);

 private:
  bool dataFlows() const;
  void look();
  void take();

  ui::MainWindow& window_;
  ui::Session& session_;
  const QString folder_;
  const QString theme_;
  const qint64 afterMs_;
  size_t page_ = 0;
  bool opened_ = false;
  QElapsedTimer since_;         // the start, then the opening of the page
  QTimer looking_;
};

}  // namespace penstock
