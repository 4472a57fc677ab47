#pragma once

#include <QWidget>

namespace penstock::ui {

// "?": all keys, over the window. Any key or click closes it.
class KeysHelp : public QWidget {
  Q_OBJECT
 public:
  explicit KeysHelp(QWidget* window);
  void open();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
};

}  // namespace penstock::ui
