#include "shell/main_window.h"

#include <algorithm>
#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QHBoxLayout>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "pages/page.h"
#include "pages/start_page.h"
#include "shell/close_bar.h"
#include "shell/demo_steps.h"
#include "shell/keyboard.h"
#include "shell/keys_help.h"
#include "shell/nav_rail.h"
#include "shell/page_list.h"
#include "shell/palette.h"
#include "shell/silence_bar.h"
#include "shell/top_bar.h"
#include "viewmodels/session.h"
#include "widgets/status_band.h"

namespace penstock::ui {

MainWindow::MainWindow(Session& session, QWidget* parent) : QMainWindow(parent), session_(session) {
  setWindowTitle(tr("Penstock"));
  buildChrome();
  connectKeyboard();
  connect(&session, &Session::openRequested, this, &MainWindow::open);
  connect(&session.fleet, &Fleet::added, this, &MainWindow::showStartOrPages);
  connect(&session.fleet, &Fleet::aboutToRemove, this, &MainWindow::showStartOrPages, Qt::QueuedConnection);
  connect(&session.engines, &EnginesModel::sentenceChanged, this, &MainWindow::showWork);
  working_.setInterval(500);
  connect(&working_, &QTimer::timeout, this, &MainWindow::showWork);
  working_.start();
  // A console that is killed loses at most this much of what was half written.
  saving_.setInterval(5'000);
  connect(&saving_, &QTimer::timeout, this, &MainWindow::saveLayout);
  saving_.start();
  start_->restoreForm(session.preferences.layout(QStringLiteral("start")));
  resize(1600, 1000);
  restoreGeometry(session.preferences.bytes(QStringLiteral("geometry")));
  showStartOrPages();
  showWork();
}

MainWindow::~MainWindow() { saveLayout(); }

void MainWindow::buildChrome() {
  auto* central = new QWidget;
  column_ = new QVBoxLayout(central);
  column_->setContentsMargins(0, 0, 0, 0);
  column_->setSpacing(0);
  top_ = new TopBar(session_);
  column_->addWidget(top_);
  closing_ = new CloseBar;
  column_->addWidget(closing_);
  column_->addWidget(new SilenceBar(session_));
  auto* middle = new QHBoxLayout;
  middle->setSpacing(0);
  rail_ = new NavRail(pageList());
  middle->addWidget(rail_);
  stack_ = new QStackedWidget;
  middle->addWidget(stack_, 1);
  column_->addLayout(middle, 1);
  status_ = new StatusBand;
  status_->setHint(tr("G and a letter: pages · / filter · ? keys"));
  column_->addWidget(status_);
  setCentralWidget(central);
  start_ = new StartPage(session_);
  stack_->addWidget(start_);
  palette_ = new Palette(session_, central);
  keys_ = new KeysHelp(central);

  connect(rail_, &NavRail::chosen, this, [this](const QString& id) { open({{}, id, {}, {}}); });
  connect(top_, &TopBar::searchRequested, palette_, &Palette::open);
  connect(top_, &TopBar::settingsRequested, this, [this] { open({{}, QStringLiteral("settings"), {}, {}}); });
  connect(status_, &StatusBand::summaryPressed, this, [this] { open({{}, QStringLiteral("settings"), {}, {}}); });
  connect(status_, &StatusBand::workPressed, this, [this](const QString& id) { open({{}, QStringLiteral("replay"), id, {}}); });
  connect(start_, &StartPage::demoRequested, this, &MainWindow::demoRequested);
  connect(start_, &StartPage::folderRequested, this, &MainWindow::folderRequested);
  connect(start_, &StartPage::connectRequested, this, &MainWindow::connectRequested);
  connect(closing_, &CloseBar::keepRunning, this, &MainWindow::keepRunningRequested);
  connect(closing_, &CloseBar::drainAndStop, this, &MainWindow::drainRequested);
}

void MainWindow::connectKeyboard() {
  keyboard_ = new Keyboard(this);
  connect(keyboard_, &Keyboard::paletteRequested, palette_, &Palette::open);
  connect(keyboard_, &Keyboard::helpRequested, keys_, &KeysHelp::open);
  connect(keyboard_, &Keyboard::filterRequested, this, [this] {
    if (Page* shown = pages_.value(current_)) shown->focusFilter();
  });
  connect(keyboard_, &Keyboard::copyLinkRequested, this, [this] {
    if (const Page* shown = pages_.value(current_)) QApplication::clipboard()->setText(shown->here().toString());
  });
  const auto goLive = [this] {
    Page* shown = pages_.value(current_);
    if (!shown || !shown->here().at) return;
    Link live = shown->here();
    live.at.reset();
    shown->open(live);
  };
  connect(keyboard_, &Keyboard::liveRequested, this, goLive);
  connect(top_, &TopBar::liveRequested, this, goLive);
  connect(keyboard_, &Keyboard::pageRequested, this, [this](Qt::Key letter) {
    for (const PageEntry& entry : pageList()) {
      if (entry.letter == letter) open({{}, entry.id, {}, {}});
    }
  });
}

Page* MainWindow::page(const QString& id) {
  if (Page* made = pages_.value(id)) return made;
  for (const PageEntry& entry : pageList()) {
    if (entry.id != id) continue;
    Page* made = entry.make(session_);
    made->setObjectName(QStringLiteral("page/") + id);
    made->restoreLayoutState(session_.preferences.layout(id));
    pages_.insert(id, made);
    stack_->addWidget(made);
    return made;
  }
  return nullptr;
}

void MainWindow::open(const Link& link) {
  Page* shown = page(link.page);
  if (!shown) return;
  if (!link.engine.isEmpty()) session_.chooseEngine(link.engine);
  current_ = link.page;
  rail_->setCurrent(link.page);
  stack_->setCurrentWidget(shown);
  // What is pressed there takes the focus for its answer.
  const auto focusFirst = [shown] {
    if (QWidget* first = shown->firstFocus()) first->setFocus(Qt::OtherFocusReason);
  };
  if (!link.press.isEmpty()) focusFirst();
  shown->open(link);
  session_.setShownAt(shown->here().at);
  if (link.press.isEmpty()) focusFirst();
}

void MainWindow::showStartOrPages() {
  const bool start = session_.fleet.size() == 0;
  rail_->setVisible(!start);
  if (start) {
    stack_->setCurrentWidget(start_);
    current_.clear();
    start_->refresh();
    start_->focusFirst();
    return;
  }
  if (!current_.isEmpty()) return;
  const QString last = QString::fromUtf8(session_.preferences.bytes(QStringLiteral("page")));
  open({{}, page(last) ? last : QStringLiteral("overview"), {}, {}});
}

void MainWindow::showWork() {
  const EnginesModel& engines = session_.engines;
  bool gone = false;
  bool connecting = false;
  for (const Connection* engine : session_.fleet.connections()) {
    connecting |= engine->state() == EngineState::Connecting;
    gone |= !engine->isFresh() && engine->state() != EngineState::Connecting;
  }
  status_->setSummary(engines.rowCount() == 0 ? StateShape::Idle : gone ? StateShape::Failing : connecting ? StateShape::Unknown : StateShape::Ok, engines.sentence());
  QList<BackgroundItem> work;
  for (const Connection* engine : session_.fleet.connections()) {
    if (!engine->isFresh()) continue;
    for (const BackgroundWork& item : engine->picture().background) {
      QStringList detail;
      if (item.rowsPerSecond > 0) detail << rate(item.rowsPerSecond) + tr(" rows/s");
      if (item.timeLeft) detail << duration(*item.timeLeft) + tr(" left");
      work.append({item.id, item.title, item.fraction.value_or(-1), detail.join(QStringLiteral(" · "))});
    }
  }
  status_->setWork(work);
  rail_->setBadge(QStringLiteral("overview"), session_.attention.rowCount());
  // A page may have gone back in time by itself.
  if (const Page* shown = pages_.value(current_)) session_.setShownAt(shown->here().at);
}

void MainWindow::showDemoSteps() {
  if (demo_) return;
  demo_ = new DemoSteps(session_, this);
  column_->insertWidget(column_->indexOf(status_), demo_);
}

void MainWindow::showOpeningProblem(const QString& sentence) { start_->showProblem(sentence); }

void MainWindow::closeNow() {
  closesNow_ = true;
  close();
}

void MainWindow::saveLayout() {
  session_.preferences.setBytes(QStringLiteral("geometry"), saveGeometry());
  if (!current_.isEmpty()) session_.preferences.setBytes(QStringLiteral("page"), current_.toUtf8());
  session_.preferences.setLayout(QStringLiteral("start"), start_->formState());
  for (auto page = pages_.cbegin(); page != pages_.cend(); ++page) session_.preferences.setLayout(page.key(), (*page)->layoutState());
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (asksBeforeClosing_ && !closesNow_) {
    closing_->ask();
    event->ignore();
    return;
  }
  saveLayout();
  event->accept();
}

}  // namespace penstock::ui
