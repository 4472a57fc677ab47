#pragma once

#include <functional>
#include <memory>
#include <QJsonArray>
#include <QTimer>
#include <QWidget>

#include "viewmodels/latency_series.h"

class QGridLayout;

namespace penstock::ui {

class Button;
class Session;
class TimeChart;
class TimePlot;

// Charts that stay in sight whichever pipeline is selected, so that one is seen beside another; of any engine, and kept over
// a restart. They follow the range of the page.
class PinnedCharts : public QWidget {
  Q_OBJECT
 public:
  static constexpr int most = 6;

  // `link` ties a chart's range and cursor to the page's.
  PinnedCharts(Session& session, std::function<void(TimePlot*)> link, QWidget* parent = nullptr);
  ~PinnedCharts() override;

  // Puts the button "Pin" on a chart of the page; it is seen under the pointer and the focus. The chart's title names it.
  void offer(TimeChart* chart, const QString& engine, const QString& pipeline);
  void follow(Micros span);
  void showPast(Instant from, Instant to);
  void setCursorTime(std::optional<qint64> time);

  QJsonArray state() const;
  void restore(const QJsonArray& state);
  QByteArray csv() const;       // lines without the heading

 private:
  struct Pin;

  Pin* find(const QString& engine, const QString& pipeline, const QString& title) const;
  void add(const QString& engine, const QString& pipeline, const QString& title);
  void remove(const Pin* pin);
  void toggle(const QString& engine, const QString& pipeline, const QString& title);
  void lookAgain();
  void read(Pin& pin);
  void draw(Pin& pin);
  void place();
  void refreshButtons();
  Button* putButton(TimeChart* chart, const QString& text, bool stays, const std::function<void()>& pressed);

  Session& session_;
  const std::function<void(TimePlot*)> link_;
  QGridLayout* grid_;
  std::vector<std::unique_ptr<Pin>> pins_;
  Micros span_{};               // 0: the past
  Instant from_;
  Instant to_;
  QTimer looking_;
};

}  // namespace penstock::ui
