#pragma once

#include <optional>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include "client/call.h"
#include "client/connection.h"
#include "client/values.h"

namespace penstock::ui {

// How much of the last 30 days a pipeline kept its objectives, and what is left of the time in which it may miss them: its
// error budget, (1 - availability) × 30 days. Read by the minute, and again each minute.
class ErrorBudget : public QObject {
  Q_OBJECT
 public:
  static constexpr Micros window = std::chrono::hours(24 * 30);

  explicit ErrorBudget(QObject* parent = nullptr);

  void show(Connection* engine, const QString& pipeline);

  // Of the time that is known, 0 … 1; empty: nothing is known, or it has no objective.
  std::optional<double> kept() const;
  Micros known() const { return known_; }
  Micros missed() const { return missed_; }
  // Empty: it says no availability.
  std::optional<Micros> allowed() const;
  // Of the budget, 1 … 0; negative: more than there was is spent.
  std::optional<double> left() const;

 signals:
  void changed();

 private:
  void read();
  void take(const Series& series, Micros step);

  QPointer<Connection> engine_;
  QString pipeline_;
  Micros known_{};
  Micros missed_{};
  ScopedCall call_;
  QTimer again_;
};

}  // namespace penstock::ui
