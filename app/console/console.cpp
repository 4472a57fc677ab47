#include "console/console.h"

#include <cstdio>
#include <QApplication>

#include "console/capture.h"
#include "console/resources.h"
#include "pages/connect_form.h"
#include "widgets/theme.h"

namespace penstock {

Console::Console(ConsoleOptions options, std::shared_ptr<LogRing> logs) : options_(std::move(options)), logs_(std::move(logs)) {
  applyAppearance();
  connect(&preferences_, &ui::Preferences::appearanceChanged, this, &Console::applyAppearance);
  connect(&system_, &ui::SystemAppearance::changed, this, &Console::applyAppearance);
  fleet_ = std::make_unique<ui::Fleet>();
  session_ = std::make_unique<ui::Session>(*fleet_, preferences_);
  window_ = std::make_unique<ui::MainWindow>(*session_);
  connect(window_.get(), &ui::MainWindow::demoRequested, this, &Console::openDemo);
  connect(window_.get(), &ui::MainWindow::folderRequested, this, &Console::openFolder);
  connect(window_.get(), &ui::MainWindow::connectRequested, this, [this](const QString& address, const QString& tokenFile) {
    if (connectTo(address, tokenFile)) preferences_.addRemoteEngine({address, address, tokenFile});
  });
  connect(window_.get(), &ui::MainWindow::keepRunningRequested, this, [this] {
    closeEngine(OnClose::keep_running, [this] {
      if (!engine_->handOver()) std::fputs("penstock: no penstockd beside this program; pods go on until their orphan grace ends\n", stderr);
      window_->closeNow();
    });
  });
  connect(window_.get(), &ui::MainWindow::drainRequested, this, [this] {
    closeEngine(OnClose::drain, [this] { window_->closeNow(); });
  });
}

Console::~Console() {
  window_.reset();
  session_.reset();
  fleet_.reset();
  engine_.reset();
}

void Console::start() {
  for (const QString& address : options_.connect) connectTo(address, options_.tokenFile);
  if (options_.demo) openDemo();
  else if (!options_.workspace.isEmpty()) openFolder(options_.workspace);
  const bool asked = options_.demo || !options_.workspace.isEmpty() || !options_.connect.isEmpty();
  if (!asked) {
    for (const auto& known : preferences_.remoteEngines()) connectTo(known.address, known.tokenFile);
  }
  if (!options_.captureFolder.isEmpty()) {
    window_->resize(options_.captureSize);
    capture();
  }
  window_->show();
  if (const auto link = ui::Link::parse(options_.link)) window_->open(*link);
}

QString Console::themeName() const {
  if (!options_.theme.isEmpty()) return options_.theme;
  switch (preferences_.appearance()) {
    case ui::Preferences::Appearance::Dark: return QStringLiteral("dark");
    case ui::Preferences::Appearance::Light: return QStringLiteral("light");
    case ui::Preferences::Appearance::System: break;
  }
  return system_.dark() ? QStringLiteral("dark") : QStringLiteral("light");
}

void Console::applyAppearance() {
  ui::applyTheme(*qApp, themeName() == "dark" ? ui::Theme::darkTheme() : ui::Theme::lightTheme());
}

void Console::openDemo() {
  QString problem;
  const QString folder = demoWorkspace(problem);
  if (folder.isEmpty()) return window_->showOpeningProblem(problem);
  openFolder(folder);
  window_->showDemoSteps();
}

void Console::openFolder(const QString& folder) {
  if (engine_ && engine_->isOpen()) return window_->showOpeningProblem(tr("%1 is open already").arg(engine_->workspace()));
  engine_ = std::make_unique<EmbeddedEngine>(folder, options_.environment, logs_);
  connect(engine_.get(), &EmbeddedEngine::opened, this, [this](const ui::Endpoint& endpoint) {
    preferences_.addRecentFolder(engine_->workspace());
    fleet_->add(endpoint);
    window_->setAsksBeforeClosing(engine_->isOpen() && options_.captureFolder.isEmpty());
  });
  connect(engine_.get(), &EmbeddedEngine::failed, this, [this](const QString& sentence) {
    window_->showOpeningProblem(sentence);
    std::fprintf(stderr, "penstock: %s\n", qPrintable(sentence));
    if (!options_.captureFolder.isEmpty()) QApplication::exit(1);
  });
  engine_->open();
}

bool Console::connectTo(const QString& address, const QString& tokenFile) {
  const auto token = ui::readToken(tokenFile);
  if (!token) {
    window_->showOpeningProblem(tr("%1 cannot be read").arg(tokenFile));
    return false;
  }
  fleet_->add({address, address, *token, nullptr});
  return true;
}

void Console::capture() {
  auto* pictures = new Capture(*window_, *session_, options_.captureFolder, themeName(), options_.captureAfterSeconds);
  connect(pictures, &Capture::finished, this, [this, pictures](bool written, const QString& sentence) {
    std::fputs(qPrintable(pictures->statesTable()), stdout);
    std::fprintf(written ? stdout : stderr, "penstock: %s\n", qPrintable(sentence));
    pictures->deleteLater();
    closeEngine(OnClose::drain, [written] { QApplication::exit(written ? 0 : 1); });
  });
}

void Console::closeEngine(OnClose onClose, std::function<void()> then) {
  if (!engine_ || !engine_->isOpen()) return then();
  for (const ui::Connection* connection : fleet_->connections()) {
    if (!connection->isEmbedded()) continue;
    fleet_->remove(connection->name());
    break;
  }
  connect(engine_.get(), &EmbeddedEngine::closed, this, then);
  engine_->close(onClose);
}

}  // namespace penstock
