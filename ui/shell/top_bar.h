#pragma once

#include <QColor>
#include <QTimer>
#include <QWidget>

#include "client/time.h"

namespace penstock::ui {

class Chip;
class Session;

// The line at the top: which environment, the search, how live and in which zone, and who. A band in the environment's
// colour stands above it, so that nobody acts in the wrong place.
class TopBar : public QWidget {
  Q_OBJECT
 public:
  explicit TopBar(Session& session, QWidget* parent = nullptr);

 signals:
  void searchRequested();
  void liveRequested();
  void settingsRequested();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void refresh();
  void showEngineMenu();
  QColor bandColour() const;

  Session& session_;
  Chip* environment_;
  Chip* search_;
  Chip* clock_;
  Chip* operator_;
  QTimer ticking_;
};

}  // namespace penstock::ui
