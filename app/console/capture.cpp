#include "console/capture.h"

#include <QDir>

#include "pages/page.h"
#include "shell/main_window.h"
#include "shell/page_list.h"
#include "viewmodels/session.h"
#include "viewmodels/states.h"

namespace penstock {
namespace {

constexpr int patienceForDataMs = 90'000;
constexpr int patienceForPageMs = 10'000;
constexpr int settleMs = 2'500;         // charts and layouts come a moment after their data

}  // namespace

Capture::Capture(ui::MainWindow& window, ui::Session& session, QString folder, QString theme, int afterSeconds)
    : window_(window), session_(session), folder_(std::move(folder)), theme_(std::move(theme)), afterMs_(qint64{afterSeconds} * 1'000) {
  since_.start();
  connect(&looking_, &QTimer::timeout, this, &Capture::look);
  looking_.start(100);
}

bool Capture::dataFlows() const {
  const int engines = session_.engines.rowCount();
  if (engines == 0 || session_.engines.liveCount() < engines) return false;
  for (int row = 0; row < session_.pipelines.rowCount(); ++row) {
    if (session_.pipelines.row(row).state.rowsPerSecond > 0) return true;
  }
  return false;
}

void Capture::look() {
  if (page_ == 0 && !opened_) {
    if (since_.elapsed() < afterMs_) return;
    if (!dataFlows() && since_.elapsed() < afterMs_ + patienceForDataMs) return;
    if (!dataFlows()) {
      looking_.stop();
      emit finished(false, QStringLiteral("no data was seen within %1 s: %2").arg(patienceForDataMs / 1'000).arg(session_.engines.sentence()));
      return;
    }
  }
  const QString id = ui::pageList()[page_].id;
  if (!opened_) {
    opened_ = true;
    since_.start();
    window_.open({{}, id, {}, {}});
    return;
  }
  const bool ready = window_.page(id)->isReady() && since_.elapsed() > settleMs;
  if (ready || since_.elapsed() > patienceForPageMs) take();
}

QString Capture::statesTable() const {
  const auto line = [](const QString& name, const QString& state, const QString& rate, const QString& failing) {
    return QStringLiteral("%1  %2  %3  %4\n").arg(name, -24).arg(state, -12).arg(rate, 10).arg(failing, 12);
  };
  QString table = line("pipeline", "state", "rows/s", "failing rows");
  for (int row = 0; row < session_.pipelines.rowCount(); ++row) {
    const ui::PipelineState& state = session_.pipelines.row(row).state;
    table += line(state.name, ui::wordOf(session_.pipelines.statusOf(row)), QString::number(state.rowsPerSecond, 'f', 1), QString::number(state.failingRows));
  }
  return table;
}

void Capture::take() {
  const QString scale = window_.devicePixelRatioF() > 1.01 ? QStringLiteral("-%1x").arg(window_.devicePixelRatioF()) : QString();
  const QString path = QStringLiteral("%1/%2-%3%4.png").arg(folder_, ui::pageList()[page_].id, theme_, scale);
  if (!QDir().mkpath(folder_) || !window_.grab().save(path)) {
    looking_.stop();
    emit finished(false, QStringLiteral("%1 could not be written").arg(path));
    return;
  }
  opened_ = false;
  if (++page_ < ui::pageList().size()) return;
  looking_.stop();
  emit finished(true, QStringLiteral("%1 pictures in %2").arg(page_).arg(folder_));
}

}  // namespace penstock
