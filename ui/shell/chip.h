#pragma once

#include <QAbstractButton>
#include <QColor>
#include <QList>

namespace penstock::ui {

// A pressable box of the top bar: words in several voices, one after the other.
class Chip : public QAbstractButton {
  Q_OBJECT
 public:
  struct Part {
    QString text;
    QColor color;               // invalid: the theme's text
    bool strong = false;
    bool right = false;         // stands at the right edge, in a box of its own: a key
  };

  explicit Chip(QWidget* parent = nullptr);

  void setParts(const QList<Part>& parts);
  void setEdge(const QColor& color);    // invalid: the theme's line
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {64, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QList<Part> parts_;
  QColor edge_;
};

}  // namespace penstock::ui
