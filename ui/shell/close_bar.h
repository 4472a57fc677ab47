#pragma once

#include <QWidget>

namespace penstock::ui {

class Button;
class Label;

// Closing while streams run asks once, inline at the top: keep them running, drain and stop, or stay.
class CloseBar : public QWidget {
  Q_OBJECT
 public:
  explicit CloseBar(QWidget* parent = nullptr);
  void ask();

 signals:
  void keepRunning();
  void drainAndStop();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void answer(const QString& progress);

  Label* text_;
  Button* keep_;
  Button* drain_;
  Button* stay_;
};

}  // namespace penstock::ui
