#pragma once

#include <QWidget>
#include <vector>

#include "viewmodels/link.h"

namespace penstock::ui {

class Button;
class Session;
class ShapeMark;

// The demo's four steps: see it, open the rows, fix and redrive, reset. Each ticks itself off by what was really done.
class DemoSteps : public QWidget {
  Q_OBJECT
 public:
  explicit DemoSteps(Session& session, QWidget* parent = nullptr);
  bool isDone(const QString& step) const;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Step {
    QString id;
    Button* button;
    ShapeMark* mark;
    bool done = false;
  };

  void tick(const QString& step);
  Link linkOf(const QString& step) const;

  Session& session_;
  std::vector<Step> steps_;
};

}  // namespace penstock::ui
