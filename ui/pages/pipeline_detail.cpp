#include "pages/pipeline_detail.h"

#include <algorithm>
#include <QHBoxLayout>
#include <QTextDocument>
#include <QVBoxLayout>

#include "pages/action_sheet.h"
#include "pages/savepoint_panel.h"
#include "viewmodels/lineage_model.h"
#include "viewmodels/pipeline_flow.h"
#include "viewmodels/session.h"
#include "viewmodels/sink_words.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"
#include "widgets/label.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

bool isHalted(PipelineStatus status) { return shapeOf(status) == mark::Idle; }

}  // namespace

PipelineDetail::PipelineDetail(Session& session, QWidget* parent)
    : QWidget(parent), session_(session), lineage_(std::make_unique<LineageModel>()) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(metrics::margin, 12, metrics::margin, metrics::margin);
  layout->setSpacing(6);
  auto* first = new QHBoxLayout;
  first->setSpacing(metrics::gap);
  title_ = new Label({}, Tone::Normal, Label::Font::Strong);
  subtitle_ = new Label({}, Tone::Dim);
  first->addWidget(title_);
  subtitle_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  first->addWidget(subtitle_, 1);
  for (const auto& [page, text] : {std::pair("lineage", tr("Lineage")), std::pair("latency", tr("Latency")), std::pair("pods", tr("Pods")), std::pair("quality", tr("Failing rows"))}) {
    auto* link = new Button(text, Button::Kind::Link);
    connect(link, &Button::clicked, this, [this, page = QString::fromLatin1(page)] { session_.open({engine_, page, pipeline_, {}}); });
    first->addWidget(link);
  }
  savepointsButton_ = new Button(tr("Savepoints"));
  savepointsButton_->setCheckable(true);
  first->addWidget(savepointsButton_);
  pauseOrResume_ = new Button(tr("Pause"));
  stopOrRun_ = new Button(tr("Drain and stop"));
  first->addWidget(pauseOrResume_);
  first->addWidget(stopOrRun_);
  layout->addLayout(first);
  path_ = new Label;
  path_->setTextFormat(Qt::RichText);
  path_->setWordWrap(true);
  layout->addWidget(path_);
  reason_ = new Label({}, Tone::Failing);
  reason_->setWordWrap(true);
  layout->addWidget(reason_);
  sum_ = new Label({}, Tone::Dim);
  sum_->setWordWrap(true);
  sum_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  layout->addWidget(sum_);
  sinks_ = new Label({}, Tone::Dim);
  sinks_->setWordWrap(true);
  layout->addWidget(sinks_);
  sheet_ = new InlineSheet;
  layout->addWidget(sheet_);
  savepoints_ = new SavepointPanel(session);
  savepoints_->hide();
  layout->addWidget(savepoints_, 10);
  layout->addStretch();
  connect(savepointsButton_, &Button::toggled, this, &PipelineDetail::showSavepoints);
  connect(savepoints_, &SavepointPanel::closed, this, [this] {
    savepointsButton_->setChecked(false);
    savepointsButton_->setFocus();
  });
  action_ = std::make_unique<ActionSheet>(sheet_);
  connect(pauseOrResume_, &Button::clicked, this, [this] {
    const int row = session_.pipelines.find(engine_, pipeline_);
    if (row >= 0) press(int(session_.pipelines.row(row).state.status == PipelineStatus::Paused ? PipelineFlow::Act::Resume : PipelineFlow::Act::Pause));
  });
  connect(stopOrRun_, &Button::clicked, this, [this] {
    const int row = session_.pipelines.find(engine_, pipeline_);
    if (row >= 0) press(int(session_.pipelines.row(row).state.status == PipelineStatus::Stopped ? PipelineFlow::Act::Run : PipelineFlow::Act::Drain));
  });
  connect(lineage_.get(), &LineageModel::liveChanged, this, &PipelineDetail::refresh);
  hide();
}

PipelineDetail::~PipelineDetail() = default;

void PipelineDetail::show(const QString& engine, const QString& pipeline) {
  const bool otherEngine = std::exchange(engine_, engine) != engine || !lineage_->engine();
  if (std::exchange(pipeline_, pipeline) != pipeline) sheet_->fold();
  if (showsSavepoints()) savepoints_->show(engine, pipeline);
  if (otherEngine) lineage_->show(session_.fleet.find(engine));
  refresh();
}

bool PipelineDetail::showsSavepoints() const { return !savepoints_->isHidden(); }

void PipelineDetail::showSavepoints(bool shown) {
  savepointsButton_->setChecked(shown);
  savepoints_->setVisible(shown);
  if (shown) savepoints_->show(engine_, pipeline_);
}

void PipelineDetail::refresh() {
  const int row = session_.pipelines.find(engine_, pipeline_);
  setVisible(row >= 0);
  if (row < 0) return;
  const auto& shown = session_.pipelines.row(row);
  const PipelineState& state = shown.state;
  const PipelineStatus status = session_.pipelines.statusOf(row);
  title_->setText(state.name);
  QStringList facts;
  if (!state.tenant.isEmpty()) facts << state.tenant;
  facts << QStringLiteral("v%1").arg(state.version) << wordOf(status) + QStringLiteral(" for ") + duration(wallClockNow() - state.statusSince);
  if (state.podsWanted > 0) facts << tr("%1 of %2 pods").arg(state.podsReady).arg(state.podsWanted);
  if (session_.fleet.size() > 1) facts << tr("on %1").arg(engine_);
  if (state.relaxedDurability) facts << tr("durability relaxed: synced every 100 ms");
  subtitle_->setText(facts.join(QStringLiteral(" · ")));
  path_->setText(path());
  path_->setVisible(!path_->text().isEmpty());
  reason_->setText(status == PipelineStatus::Unknown ? tr("%1 has been silent for %2: what is shown is what it told last").arg(engine_, duration(Micros(shown.engine->behind()))) : state.reason);
  reason_->setTone(shapeOf(status) == mark::Failing ? Tone::Failing : shapeOf(status) == mark::Warning ? Tone::Warning : Tone::Dim);
  reason_->setVisible(!reason_->text().isEmpty());
  sum_->setText(sum());
  QStringList sinks;
  qint64 flushing = 0;          // rows that wait for nothing but the next commit
  for (const SinkState& sink : state.sinks) {
    if (!isTrying(sink)) {
      flushing += sink.waitingRows;
      if (!sink.idempotent) sinks << sink.name + QStringLiteral(": ") + promiseOf(sink);
      continue;
    }
    QStringList parts{tryingInWords(sink, wallClockNow()), counted(sink.waitingRows, tr("row waits"), tr("rows wait"))};
    if (!sink.error.isEmpty() && !state.reason.contains(sink.error)) parts << sink.error;        // said above
    if (!sink.idempotent) parts << promiseOf(sink);
    sinks << sink.name + QStringLiteral(": ") + parts.join(QStringLiteral(" · "));
  }
  if (flushing > 0) sinks << tr("%1 for the next commit of the tables").arg(counted(flushing, tr("row waits"), tr("rows wait")));
  savepoints_->refresh();
  sinks_->setText(sinks.join('\n'));
  sinks_->setVisible(!sinks.isEmpty());
  pauseOrResume_->setText(state.status == PipelineStatus::Paused ? tr("Resume") : tr("Pause"));
  stopOrRun_->setText(state.status == PipelineStatus::Stopped ? tr("Run") : tr("Drain and stop"));
  pauseOrResume_->setVisible(state.status != PipelineStatus::Stopped);
  pauseOrResume_->setEnabled(shown.engine->isFresh());
  stopOrRun_->setEnabled(shown.engine->isFresh() && !(isHalted(status) && state.status == PipelineStatus::Paused));
}

// "PostgreSQL loyalty → bronze.loyalty → silver.loyalty → …", what fails in its colour.
QString PipelineDetail::path() const {
  const Theme& theme = Theme::of(this);
  struct Layer {
    QStringList tables;         // and sources and sinks
    QStringList steps;
    int worst = mark::Ok;
  };
  std::vector<Layer> layers(5);
  for (const LineageModel::Node& node : lineage_->nodes()) {
    if (node.node.pipeline != pipeline_ || node.node.kind == "quarantine" || node.node.kind == "dead_letters") continue;
    Layer& layer = layers[static_cast<size_t>(std::clamp(node.node.layer, 0, 4))];
    const bool isSource = node.node.kind == "source";
    const QString text = (isSource && !node.node.technology.isEmpty() ? node.node.technology + ' ' : QString()) + node.node.label;
    (node.node.kind == "step" ? layer.steps : layer.tables) << text.toHtmlEscaped();
    if (rankOf(node.shape) < rankOf(layer.worst)) layer.worst = node.shape;
  }
  QStringList shown;
  for (const Layer& layer : layers) {
    // A step is known by the table that it lands in.
    const QString names = (layer.tables.isEmpty() ? layer.steps : layer.tables).join(QStringLiteral(", "));
    if (names.isEmpty()) continue;
    const bool wrong = layer.worst == mark::Failing || layer.worst == mark::Warning;
    const QColor color = layer.worst == mark::Failing ? theme.failing : theme.warning;
    shown << (wrong ? QStringLiteral("<b style=\"color:%1\">%2</b>").arg(color.name(), names) : names);
  }
  if (shown.isEmpty()) return {};
  return QStringLiteral("<span style=\"color:%1\">%2</span>").arg(theme.dim.name(), shown.join(QStringLiteral(" → ")));
}

// Nothing goes to nowhere: the sum of what came in.
QString PipelineDetail::sum() const {
  const PipelineState& state = session_.pipelines.row(session_.pipelines.find(engine_, pipeline_)).state;
  const RowCounts& rows = state.rows;
  QStringList parts{tr("%1 landed").arg(grouped(rows.landed))};
  const auto add = [&](qint64 count, const QString& text) {
    if (count > 0) parts << text.arg(grouped(count));
  };
  add(rows.dead, tr("%1 dead"));
  add(rows.quarantined, tr("%1 quarantined"));
  add(rows.dropped, tr("%1 dropped"));
  add(rows.duplicates, tr("%1 duplicates"));
  add(rows.late, tr("%1 late"));
  add(rows.filtered, tr("%1 filtered"));
  add(state.openRows, tr("%1 in open windows"));
  QString text = tr("%1 in = %2").arg(grouped(rows.in), parts.join(QStringLiteral(" + ")));
  if (rows.redriven > 0) text += tr(" · %1 redriven").arg(grouped(rows.redriven));
  if (rows.warned > 0) text += tr(" · %1 warned").arg(grouped(rows.warned));
  if (state.lastEpoch > 0) text += tr(" · epoch %1, %2 ago").arg(grouped(state.lastEpoch), duration(wallClockNow() - state.lastEpochAt));
  if (isKnown(state.watermark)) text += tr(" · watermark %1 %2").arg(timeOfDay(state.watermark, session_.timeZone()), zoneName(session_.timeZone(), state.watermark));
  if (state.visible.count > 0) text += tr(" · visible in Delta p99 %1").arg(duration(state.visible.p99));
  return text;
}

void PipelineDetail::press(const QString& act) {
  using Act = PipelineFlow::Act;
  if (act == "savepoints") {
    showSavepoints(true);
    return savepoints_->takeFocus();
  }
  for (const auto& [name, known] : {std::pair("pause", Act::Pause), std::pair("resume", Act::Resume), std::pair("run", Act::Run), std::pair("stop", Act::Drain)})
    if (act == QLatin1String(name)) press(int(known));
}

void PipelineDetail::press(int act) {
  Connection* engine = session_.fleet.find(engine_);
  if (!engine) return;
  auto flow = std::make_unique<PipelineFlow>(*engine, pipeline_, static_cast<PipelineFlow::Act>(act));
  if (const auto undo = flow->undo()) {
    action_->setUndo([engine, pipeline = pipeline_, undo = *undo] { return std::make_unique<PipelineFlow>(*engine, pipeline, undo); });
  } else {
    action_->setUndo(nullptr);
  }
  action_->press(std::move(flow));
}

}  // namespace penstock::ui
