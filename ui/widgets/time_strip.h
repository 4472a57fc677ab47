#pragma once

#include <QWidget>

#include <optional>

#include "widgets/time_series.h"

namespace penstock::ui {

// The recent past as bars, and where in it the page stands: live at its end, or back in time.
//
// Pointer: press or drag chooses a time, the last bar is live. Keys: ← → step, Home the oldest, End live.
class TimeStrip final : public QWidget {
  Q_OBJECT

 public:
  explicit TimeStrip(QWidget* parent = nullptr);

  // `hint`: what the bars show.
  void setHint(const QString& hint);
  void setSeries(const TimeSeries& series, qint64 from, qint64 to);
  void setLocalTime(bool local);

  // None: live.
  std::optional<qint64> position() const { return position_; }
  void setPosition(std::optional<qint64> position);

  QSize sizeHint() const override { return {600, 84}; }

 signals:
  void positionChosen(std::optional<qint64> position);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  static constexpr int bars = 120;

  QRectF plot() const;
  qint64 step() const { return std::max<qint64>(1, (to_ - from_) / bars); }
  void choose(std::optional<qint64> position);
  void chooseAt(double x);

  TimeSeries series_;
  QString hint_;
  qint64 from_ = 0;
  qint64 to_ = 1;
  bool localTime_ = false;
  std::optional<qint64> position_;
};

}  // namespace penstock::ui
