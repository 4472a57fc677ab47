#pragma once

#include <QList>
#include <QString>
#include <QWidget>

#include <optional>

#include "widgets/tone.h"

namespace penstock::ui {

// Numbers beside each other, each below its name and above what it is measured by; with a bar where it is a share of something.
// Where a line has no room for all, they take several, as many in each.
class NumberStrip final : public QWidget {
  Q_OBJECT

 public:
  struct Number {
    QString name;               // "Error budget, 30 days"
    QString value;              // "31 m left"
    QString detail;             // "of 43 m"
    Tone tone = Tone::Normal;   // of the value
    std::optional<double> share;        // 0 … 1, of the bar
  };

  explicit NumberStrip(QWidget* parent = nullptr);

  void setNumbers(const QList<Number>& numbers);
  const QList<Number>& numbers() const { return numbers_; }

  // Whether a text is longer than its place.
  bool isCut() const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {120, heightForWidth(width())}; }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  int perLine(int width) const;
  double widthOfEach() const;

  QList<Number> numbers_;
};

}  // namespace penstock::ui
