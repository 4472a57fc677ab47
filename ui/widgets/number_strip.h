#pragma once

#include <QList>
#include <QString>
#include <QWidget>

#include <optional>

#include "widgets/tone.h"

namespace penstock::ui {

// A line of numbers, each below its name and above what it is measured by; with a bar where it is a share of something.
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

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QList<Number> numbers_;
};

}  // namespace penstock::ui
