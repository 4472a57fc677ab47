#include "pages/pinned_charts.h"

#include <algorithm>
#include <QEvent>
#include <QGridLayout>
#include <QJsonObject>
#include <QPointer>

#include "pages/latency_drawing.h"
#include "viewmodels/session.h"
#include "widgets/button.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;

// Names of what a button on a chart is about.
constexpr auto engineOfButton = "engine";
constexpr auto pipelineOfButton = "pipeline";
constexpr auto titleOfButton = "title";
constexpr auto staysInSight = "stays";

// Keeps a button in the corner of its chart, and in sight while the pointer or the focus is there: sixteen of them at once would
// be all that is seen.
class Corner final : public QObject {
 public:
  Corner(Button* button, TimeChart* chart) : QObject(button), button_(button), chart_(chart) {
    chart->installEventFilter(this);
    button->installEventFilter(this);
    place();
    look();
  }

  // In the line of the legend, below the range.
  void place() {
    button_->resize(button_->sizeHint());
    button_->move(chart_->width() - button_->width() - 6, 24);
  }

 private:
  bool eventFilter(QObject* watched, QEvent* event) override {
    switch (event->type()) {
      case QEvent::Resize: place(); break;
      case QEvent::Enter:
      case QEvent::Leave:
      case QEvent::FocusIn:
      case QEvent::FocusOut: QMetaObject::invokeMethod(this, [this] { look(); }, Qt::QueuedConnection); break;    // the focus has moved by then
      default: break;
    }
    return QObject::eventFilter(watched, event);
  }
  void look() { button_->setVisible(button_->property(staysInSight).toBool() || chart_->underMouse() || chart_->hasFocus() || button_->hasFocus()); }

  Button* button_;
  TimeChart* chart_;
};

}  // namespace

struct PinnedCharts::Pin {
  QString engine;
  QString pipeline;
  QString title;                // of the chart among those of its pipeline
  std::optional<LatencySeries::Chart> spec;     // none: it is not reported
  SeriesFeed feed;
  QPointer<Connection> read;    // whose series the feed has
  TimeChart* chart = nullptr;
};

PinnedCharts::PinnedCharts(Session& session, std::function<void(TimePlot*)> link, QWidget* parent)
    : QWidget(parent), session_(session), link_(std::move(link)), grid_(new QGridLayout(this)) {
  grid_->setContentsMargins(16, 0, 20, 0);
  grid_->setSpacing(12);
  grid_->setColumnStretch(0, 1);
  grid_->setColumnStretch(1, 1);
  setAccessibleName(tr("Pinned charts"));
  // Engines come and go, and pipelines with them.
  looking_.setInterval(1s);
  connect(&looking_, &QTimer::timeout, this, &PinnedCharts::lookAgain);
  connect(&session.preferences, &Preferences::timeZoneChanged, this, [this] {
    for (const auto& pin : pins_) draw(*pin);
  });
  hide();
}

PinnedCharts::~PinnedCharts() = default;

PinnedCharts::Pin* PinnedCharts::find(const QString& engine, const QString& pipeline, const QString& title) const {
  for (const auto& pin : pins_)
    if (pin->engine == engine && pin->pipeline == pipeline && pin->title == title) return pin.get();
  return nullptr;
}

Button* PinnedCharts::putButton(TimeChart* chart, const QString& text, bool stays, const std::function<void()>& pressed) {
  auto* button = new Button(text, Button::Kind::Quiet, chart);
  button->setObjectName(QStringLiteral("pin"));
  button->setProperty(staysInSight, stays);
  button->setAccessibleName(text + ' ' + chart->title());
  connect(button, &Button::clicked, this, pressed);
  new Corner(button, chart);
  return button;
}

void PinnedCharts::offer(TimeChart* chart, const QString& engine, const QString& pipeline) {
  const QString title = chart->title();
  auto* button = putButton(chart, tr("Pin"), false, [this, engine, pipeline, title] { toggle(engine, pipeline, title); });
  button->setProperty(engineOfButton, engine);
  button->setProperty(pipelineOfButton, pipeline);
  button->setProperty(titleOfButton, title);
  refreshButtons();
}

void PinnedCharts::toggle(const QString& engine, const QString& pipeline, const QString& title) {
  if (const Pin* pin = find(engine, pipeline, title)) remove(pin);
  else add(engine, pipeline, title);
}

void PinnedCharts::add(const QString& engine, const QString& pipeline, const QString& title) {
  if (pins_.size() >= most || find(engine, pipeline, title)) return;
  pins_.push_back(std::make_unique<Pin>());
  Pin& pin = *pins_.back();
  pin.engine = engine;
  pin.pipeline = pipeline;
  pin.title = title;
  connect(&pin.feed, &SeriesFeed::changed, this, [this, &pin] { draw(pin); });
  looking_.start();
  lookAgain();
}

void PinnedCharts::remove(const Pin* pin) {
  const auto found = std::find_if(pins_.begin(), pins_.end(), [&](const auto& one) { return one.get() == pin; });
  if (found == pins_.end()) return;
  if ((*found)->chart) (*found)->chart->deleteLater();          // its own button may have been pressed
  pins_.erase(found);
  place();
}

void PinnedCharts::lookAgain() {
  bool changed = false;
  for (const auto& pin : pins_) {
    Connection* engine = session_.fleet.find(pin->engine);
    std::optional<LatencySeries::Chart> spec;
    for (const LatencySeries::Chart& chart : LatencySeries::chartsOf(engine, pin->pipeline))
      if (chart.title == pin->title) spec = chart;
    if (pin->chart && pin->read == engine && spec == pin->spec) continue;
    changed = true;
    pin->spec = spec;
    if (pin->chart) pin->chart->deleteLater();
    const QString name = session_.fleet.size() > 1 ? tr("%1 · %2 · %3").arg(pin->engine, pin->pipeline, pin->title) : tr("%1 · %2").arg(pin->pipeline, pin->title);
    pin->chart = newChart(spec.value_or(LatencySeries::Chart()), name);
    link_(pin->chart);
    putButton(pin->chart, tr("Unpin"), true, [this, raw = pin.get()] { remove(raw); });
    read(*pin);
  }
  if (changed) place();
}

void PinnedCharts::place() {
  for (int i = 0; i < static_cast<int>(pins_.size()); ++i) {
    TimeChart* chart = pins_[static_cast<size_t>(i)]->chart;
    if (!chart) continue;
    grid_->removeWidget(chart);
    grid_->addWidget(chart, i / 2, i % 2);
    chart->show();
  }
  if (pins_.empty()) looking_.stop();
  setVisible(!pins_.empty());
  refreshButtons();
}

// Each button of the page's charts says whether its chart is pinned.
void PinnedCharts::refreshButtons() {
  const QWidget* page = window();
  for (auto* button : page->findChildren<Button*>(QStringLiteral("pin"))) {
    const QString engine = button->property(engineOfButton).toString();
    if (engine.isEmpty()) continue;     // of a pinned chart
    const bool isPinned = find(engine, button->property(pipelineOfButton).toString(), button->property(titleOfButton).toString());
    button->setText(isPinned ? tr("Unpin") : tr("Pin"));
    button->setAccessibleName(button->text() + ' ' + button->property(titleOfButton).toString());
    button->setEnabled(isPinned || pins_.size() < most);
    button->setToolTip(isPinned ? QString() : pins_.size() < most ? tr("Keeps this chart on top, whichever pipeline is selected") : tr("%1 charts are pinned: unpin one first").arg(most));
    button->resize(button->sizeHint());
    button->move(button->parentWidget()->width() - button->width() - 6, button->y());
  }
}

void PinnedCharts::read(Pin& pin) {
  pin.read = session_.fleet.find(pin.engine);
  QStringList names;
  if (pin.spec)
    for (const LatencySeries::Line& line : pin.spec->lines) names << line.series;
  if (span_.count() > 0) pin.feed.followLive(pin.read, names, span_, LatencySeries::maxPoints);
  else pin.feed.showPast(pin.read, names, from_, to_, LatencySeries::maxPoints);
  draw(pin);
}

void PinnedCharts::draw(Pin& pin) {
  if (!pin.chart) return;
  pin.chart->setLocalTime(session_.timeZone() == TimeZone::Local);
  pin.chart->setRange(microsOf(pin.feed.from()), microsOf(pin.feed.to()));
  pin.chart->setMessage(!pin.read ? tr("%1 is not connected").arg(pin.engine) : !pin.spec ? tr("%1 reports nothing of the kind").arg(pin.pipeline) : pin.feed.isLoading() ? tr("Reading") : pin.feed.problem());
  QList<TimeSeries> lines;
  if (pin.spec)
    for (const LatencySeries::Line& line : pin.spec->lines) lines << drawnSeries(pin.feed.find(line.series), line.label, static_cast<TimeSeries::Voice>(line.voice), 0, pin.spec->isComplement);
  pin.chart->setSeries(lines);
}

void PinnedCharts::follow(Micros span) {
  span_ = span;
  for (const auto& pin : pins_) read(*pin);
}

void PinnedCharts::showPast(Instant from, Instant to) {
  span_ = {};
  from_ = from;
  to_ = to;
  for (const auto& pin : pins_) read(*pin);
}

void PinnedCharts::setCursorTime(std::optional<qint64> time) {
  for (const auto& pin : pins_)
    if (pin->chart) pin->chart->setCursorTime(time);
}

QJsonArray PinnedCharts::state() const {
  QJsonArray state;
  for (const auto& pin : pins_) state.append(QJsonArray{pin->engine, pin->pipeline, pin->title});
  return state;
}

void PinnedCharts::restore(const QJsonArray& state) {
  for (const QJsonValue& one : state) {
    const QJsonArray pin = one.toArray();
    if (pin.size() == 3) add(pin[0].toString(), pin[1].toString(), pin[2].toString());
  }
}

QByteArray PinnedCharts::csv() const {
  QByteArray text;
  for (const auto& pin : pins_) text += LatencySeries::csvLines(pin->feed);
  return text;
}

}  // namespace penstock::ui
