#include "viewmodels/error_budget.h"

#include <algorithm>
#include <cmath>

#include "client/series_client.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;

constexpr Micros step = 1min;
constexpr int points = static_cast<int>(ErrorBudget::window / step);

}  // namespace

ErrorBudget::ErrorBudget(QObject* parent) : QObject(parent) {
  again_.setInterval(1min);
  connect(&again_, &QTimer::timeout, this, &ErrorBudget::read);
}

void ErrorBudget::show(Connection* engine, const QString& pipeline) {
  engine_ = engine;
  pipeline_ = pipeline;
  known_ = missed_ = {};
  call_.cancel();
  again_.start();
  emit changed();
  read();
}

void ErrorBudget::read() {
  if (!engine_ || pipeline_.isEmpty() || call_.isRunning()) return;
  const Instant now = wallClockNow();
  const QString name = QStringLiteral("pipeline/%1/objective_met").arg(pipeline_);
  call_ = SeriesClient(*engine_).series({name}, now - window, now, points, this, [this](const Answer<std::vector<Series>>& answer) {
    // What was read before stays, where the engine does not answer just now.
    if (answer && !answer->empty()) take(answer->front(), step);
  });
}

void ErrorBudget::take(const Series& series, Micros width) {
  known_ = missed_ = {};
  for (size_t i = 0; i < series.value.size(); ++i) {
    if (std::isnan(series.value[i])) continue;
    // The last minute is not over.
    const Micros length = i + 1 < series.at.size() ? Micros(series.at[i + 1] - series.at[i]) : std::clamp(wallClockNow() - instantOf(series.at[i]), Micros(1), width);
    known_ += length;
    missed_ += Micros(std::llround((1 - series.value[i]) * static_cast<double>(length.count())));
  }
  emit changed();
}

std::optional<double> ErrorBudget::kept() const {
  if (known_.count() == 0) return std::nullopt;
  return 1 - static_cast<double>(missed_.count()) / static_cast<double>(known_.count());
}

std::optional<Micros> ErrorBudget::allowed() const {
  if (!engine_) return std::nullopt;
  const double availability = engine_->picture().pipelines.value(pipeline_).objectiveAvailability;
  if (availability <= 0) return std::nullopt;
  return Micros(std::llround((1 - availability) * static_cast<double>(window.count())));
}

std::optional<double> ErrorBudget::left() const {
  const auto all = allowed();
  if (!all || known_.count() == 0) return std::nullopt;
  if (all->count() == 0) return missed_.count() > 0 ? -1 : 1;
  return 1 - static_cast<double>(missed_.count()) / static_cast<double>(all->count());
}

}  // namespace penstock::ui
