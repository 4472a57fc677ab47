#pragma once

#include <QTimer>
#include <QWidget>

namespace penstock::ui {

class Button;
class Label;
class Session;
class ShapeMark;

// Under the top bar while the engine that the pages show does not report: since when, why, and what can be done. What
// stands below it is what that engine told last.
class SilenceBar : public QWidget {
  Q_OBJECT
 public:
  explicit SilenceBar(Session& session, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void refresh();

  Session& session_;
  ShapeMark* mark_;
  Label* text_;
  Label* hint_;
  Button* again_;
  QTimer ageing_;
};

}  // namespace penstock::ui
