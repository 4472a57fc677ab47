#include "shell/top_bar.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>

#include "shell/chip.h"
#include "viewmodels/session.h"
#include "viewmodels/states.h"
#include "widgets/label.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr int barHeight = 44;
constexpr int bandHeight = 3;

// The colour itself, or as much darker or lighter as it takes to be read on that background.
QColor readable(QColor color, const QColor& background, double contrast) {
  for (int step = 0; step < 20 && contrastRatio(color, background) < contrast; ++step) {
    color = background.lightness() > 127 ? color.darker(112) : color.lighter(112);
  }
  return color;
}

QString operatorName() {
  const QString name = qEnvironmentVariable("USER", qEnvironmentVariable("USERNAME"));
  return name.isEmpty() ? TopBar::tr("operator") : name;
}

}  // namespace

TopBar::TopBar(Session& session, QWidget* parent) : QWidget(parent), session_(session) {
  setFixedHeight(barHeight);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(12, bandHeight, 12, 1);
  layout->setSpacing(12);
  layout->addWidget(new Label(tr("Penstock"), Tone::Normal, Label::Font::Strong));
  environment_ = new Chip;
  environment_->setObjectName(QStringLiteral("environment"));
  environment_->setAccessibleName(tr("Environment and engine"));
  layout->addWidget(environment_);
  layout->addStretch(1);
  search_ = new Chip;
  search_->setObjectName(QStringLiteral("search"));
  search_->setAccessibleName(tr("Search"));
  search_->setFixedWidth(460);
  layout->addWidget(search_);
  layout->addStretch(1);
  clock_ = new Chip;
  clock_->setObjectName(QStringLiteral("clock"));
  clock_->setAccessibleName(tr("Time shown"));
  layout->addWidget(clock_);
  operator_ = new Chip;
  operator_->setAccessibleName(tr("Operator"));
  layout->addWidget(operator_);

  connect(environment_, &Chip::clicked, this, &TopBar::showEngineMenu);
  connect(search_, &Chip::clicked, this, &TopBar::searchRequested);
  connect(operator_, &Chip::clicked, this, &TopBar::settingsRequested);
  connect(clock_, &Chip::clicked, this, [this] {
    if (session_.shownAt()) emit liveRequested();
    else session_.preferences.setTimeZone(session_.timeZone() == TimeZone::Utc ? TimeZone::Local : TimeZone::Utc);
  });
  connect(&session_.preferences, &Preferences::timeZoneChanged, this, &TopBar::refresh);
  connect(&session_, &Session::engineChanged, this, &TopBar::refresh);
  connect(&session_, &Session::shownAtChanged, this, &TopBar::refresh);
  connect(&session_.engines, &EnginesModel::sentenceChanged, this, &TopBar::refresh);
  ticking_.setInterval(1'000);
  connect(&ticking_, &QTimer::timeout, this, &TopBar::refresh);
  ticking_.start();
  refresh();
}

QColor TopBar::bandColour() const {
  const Connection* engine = session_.engine();
  if (!engine || engine->info().environment.isEmpty()) return Theme::of(this).line;
  if (const QColor colour(engine->info().colour); colour.isValid()) return colour;
  return engine->info().isProtected ? Theme::of(this).warning : Theme::of(this).edge;
}

void TopBar::refresh() {
  const Theme& theme = Theme::of(this);
  const Connection* engine = session_.engine();
  if (!engine) {
    environment_->setParts({{tr("No engine"), theme.dim}, {QStringLiteral("▾"), theme.dim}});
    environment_->setEdge({});
  } else {
    const EngineInfo& info = engine->info();
    const QColor own = readable(bandColour(), theme.panel, 4.5);
    QString rest = session_.fleet.size() == 1 ? QString() : tr("%1 · %2 engines").arg(engine->name()).arg(session_.fleet.size());
    if (info.isProtected) rest += (rest.isEmpty() ? QString() : QStringLiteral(" · ")) + tr("protected");
    QList<Chip::Part> parts;
    if (!info.environment.isEmpty()) parts.append({info.environment.toUpper(), own, true});
    parts.append({info.workspace.isEmpty() ? engine->name() : info.workspace});
    if (!engine->isFresh()) parts.append({wordOf(engine->state()), engine->state() == EngineState::Connecting ? theme.dim : theme.failing});
    if (!rest.isEmpty()) parts.append({rest, theme.dim});
    parts.append({QStringLiteral("▾"), theme.dim});
    environment_->setParts(parts);
    environment_->setEdge(readable(bandColour(), theme.panel, 3));
  }
  search_->setParts({{QStringLiteral("⌕"), theme.dim}, {tr("Search pipelines, tables, pods, actions…"), theme.dim}, {QStringLiteral("Ctrl K"), {}, false, true}});
  const Instant now = wallClockNow();
  if (const auto& shown = session_.shownAt()) {
    clock_->setParts({{tr("You see"), theme.warning, true}, {timeOfDay(*shown, session_.timeZone())}, {tr("%1 ago").arg(duration(now - *shown)), theme.dim}});
    clock_->setToolTip(tr("Actions are off away from live. Press to go back to live.\n") + bothZones(*shown));
  } else {
    clock_->setParts({{tr("Live"), {}, true}, {timeOfDay(now, session_.timeZone()) + ' ' + zoneName(session_.timeZone(), now), theme.dim}});
    clock_->setToolTip(tr("Press for %1").arg(session_.timeZone() == TimeZone::Utc ? tr("local time") : tr("UTC")));
  }
  operator_->setParts({{operatorName()}});
  update();
}

void TopBar::showEngineMenu() {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const Connection* engine : session_.fleet.connections()) {
    const EngineInfo& info = engine->info();
    QString text = info.environment.isEmpty() ? engine->name() : info.environment.toUpper() + QStringLiteral("  ") + engine->name();
    if (!engine->isFresh()) text += QStringLiteral("  · ") + wordOf(engine->state());
    QAction* action = menu->addAction(text, this, [this, name = engine->name()] { session_.chooseEngine(name); });
    action->setCheckable(true);
    action->setChecked(engine == session_.engine());
  }
  menu->addSeparator();
  menu->addAction(tr("Engines and connections…"), this, &TopBar::settingsRequested);
  menu->popup(environment_->mapToGlobal(QPoint(0, environment_->height() + 4)));
}

void TopBar::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(rect(), theme.panel);
  painter.fillRect(QRect(0, 0, width(), bandHeight), bandColour());
  painter.fillRect(QRect(0, height() - 1, width(), 1), theme.line);
}

}  // namespace penstock::ui
