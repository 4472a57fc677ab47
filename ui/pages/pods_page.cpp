#include "pages/pods_page.h"

#include <algorithm>
#include <map>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include "pages/action_sheet.h"
#include "pages/columns.h"
#include "pages/fields.h"
#include "pages/log_lines_of.h"
#include "viewmodels/reset_flow.h"
#include "viewmodels/scale_flow.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"
#include "widgets/label.h"
#include "widgets/log_view.h"
#include "widgets/mark_delegates.h"
#include "widgets/shape_mark.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr int mostPipelinesNamed = 3;  // of a pod, in its one line

using P = PodsModel;

}  // namespace

PodsPage::PodsPage(Session& session, QWidget* parent) : Page(session, parent), order_(&session.pods) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  splitter_ = new QSplitter(Qt::Vertical);
  splitter_->setChildrenCollapsible(false);
  splitter_->setHandleWidth(1);
  splitter_->addWidget(makeList());
  splitter_->addWidget(makeDetail());
  splitter_->setStretchFactor(0, 3);
  splitter_->setStretchFactor(1, 2);
  layout->addWidget(splitter_);

  connect(&feed_, &LogFeed::restarted, log_, &LogView::clear);
  connect(&feed_, &LogFeed::arrived, log_, [this](const std::vector<LogEntry>& lines) { log_->append(logLinesOf(lines)); });
  connect(&feed_, &LogFeed::ended, log_, &LogView::setEmptyText);
  connect(&session.preferences, &Preferences::timeZoneChanged, this, [this] { log_->setLocalTime(this->session.timeZone() == TimeZone::Local); });
  log_->setLocalTime(session.timeZone() == TimeZone::Local);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &PodsPage::showSelected);
  connect(&session.pods, &QAbstractItemModel::dataChanged, this, &PodsPage::refreshDetail);
  connect(&session.pods, &QAbstractItemModel::dataChanged, this, &PodsPage::refreshTitle);
  connect(&session.pods, &QAbstractItemModel::rowsInserted, this, &PodsPage::refreshTitle);
  connect(&session.pods, &QAbstractItemModel::rowsRemoved, this, &PodsPage::refreshTitle);
  refreshTitle();
}

PodsPage::~PodsPage() = default;

QWidget* PodsPage::makeList() {
  auto* list = new QWidget;
  auto* layout = new QVBoxLayout(list);
  layout->setContentsMargins(20, 14, 20, 0);
  layout->setSpacing(12);
  auto* header = new QHBoxLayout;
  header->setSpacing(12);
  title_ = new Label({}, Tone::Normal, Label::Font::Heading);
  totals_ = new Label({}, Tone::Dim);
  header->addWidget(title_);
  header->addWidget(totals_);
  header->addStretch();
  filter_ = new QLineEdit;
  filter_->setPlaceholderText(tr("Filter  /"));
  filter_->setClearButtonEnabled(true);
  filter_->setFixedWidth(200);
  filter_->setAccessibleName(tr("Filter pods"));
  connect(filter_, &QLineEdit::textChanged, &order_, &HeldOrder::setText);
  header->addWidget(filter_);
  phase_ = new QComboBox;
  phase_->setAccessibleName(tr("Phase"));
  phase_->addItem(tr("All phases"));
  for (const auto phase : {PodPhase::Stuck, PodPhase::CrashLoop, PodPhase::NotReady, PodPhase::Starting, PodPhase::Running, PodPhase::Gone, PodPhase::Unknown}) phase_->addItem(wordOf(phase), nameOf(phase));
  connect(phase_, &QComboBox::currentIndexChanged, this, [this](int index) { order_.setOnly(P::PhaseRole, index <= 0 ? QVariant() : phase_->itemData(index)); });
  header->addWidget(phase_);
  layout->addLayout(header);

  table_ = new TableView;
  table_->setObjectName(QStringLiteral("pods"));
  table_->setAccessibleName(tr("Pods"));
  table_->setModel(&order_);
  connect(table_, &TableView::overlayActionPressed, this, [this] {
    filter_->clear();
    phase_->setCurrentIndex(0);
  });
  holdOrder(table_, &order_);
  table_->setItemDelegate(new CellDelegate(cellRoles(), table_));
  table_->setItemDelegateForColumn(P::State, new ShapeDelegate(ShapeRole, cellRoles(), table_));
  QHeaderView* columns = table_->horizontalHeader();
  for (const auto& [column, width] : {std::pair(P::State, 40), std::pair(P::Name, 170), std::pair(P::Phase, 190), std::pair(P::Engine, 120), std::pair(P::Host, 110), std::pair(P::Shards, 150), std::pair(P::Behind, 120),
                                      std::pair(P::Cpu, 80), std::pair(P::Memory, 90), std::pair(P::Restarts, 90), std::pair(P::Age, 110)}) {
    columns->resizeSection(column, width);
  }
  columns->setSectionResizeMode(P::Pipelines, QHeaderView::Stretch);
  layout->addWidget(table_, 1);
  return list;
}

QWidget* PodsPage::makeDetail() {
  auto* holder = new QWidget;
  auto* layout = new QVBoxLayout(holder);
  layout->setContentsMargins(20, 12, 20, 16);
  layout->setSpacing(8);
  detail_ = new QWidget;
  auto* first = new QHBoxLayout(detail_);
  first->setContentsMargins(0, 0, 0, 0);
  first->setSpacing(metrics::gap);
  mark_ = new ShapeMark;
  name_ = new Label({}, Tone::Normal, Label::Font::Strong);
  facts_ = new Label({}, Tone::Dim);
  reset_ = new Button(tr("Reset and replay the gap"), Button::Kind::Primary);
  reset_->setObjectName(QStringLiteral("reset"));
  connect(reset_, &Button::clicked, this, &PodsPage::reset);
  first->addWidget(mark_);
  first->addWidget(name_);
  facts_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  first->addWidget(facts_, 1);
  scale_ = new Button(tr("Scale"));
  scale_->setObjectName(QStringLiteral("scale"));
  connect(scale_, &Button::clicked, this, &PodsPage::scale);
  first->addWidget(scale_);
  first->addWidget(reset_);
  layout->addWidget(detail_);
  reason_ = new Label({}, Tone::Failing);
  reason_->setWordWrap(true);
  layout->addWidget(reason_);
  shards_ = new Label({}, Tone::Dim);
  shards_->setTextFormat(Qt::RichText);
  shards_->setWordWrap(true);
  layout->addWidget(shards_);
  sheet_ = new InlineSheet;
  layout->addWidget(sheet_);
  action_ = std::make_unique<ActionSheet>(sheet_);
  connect(action_.get(), &ActionSheet::finished, this, [this] {
    if (qobject_cast<const ResetFlow*>(action_->flow())) session.done(QStringLiteral("reset"));
  });
  log_ = new LogView;
  log_->setEmptyText(tr("No line yet"));
  layout->addWidget(log_, 1);
  return holder;
}

void PodsPage::open(const Link& link) {
  const QString& object = link.object;
  if (session.pods.find(link.engine, object) >= 0) select(link.engine, object);
  else if (session.pipelines.find(link.engine, object) >= 0) filter_->setText(object);
  if (!table_->currentIndex().isValid() && order_.rowCount() > 0) table_->selectRow(0);
  if (link.press == "reset") reset();
  if (link.press == "scale") scale();
}

Link PodsPage::here() const { return {engine_, QStringLiteral("pods"), pod_, {}}; }

void PodsPage::select(const QString& engine, const QString& pod) {
  const QModelIndex source = session.pods.index(session.pods.find(engine, pod), 0);
  QModelIndex row = order_.mapFromSource(source);
  if (!row.isValid()) {
    filter_->clear();
    phase_->setCurrentIndex(0);
    row = order_.mapFromSource(source);
  }
  picked_ = true;
  table_->setCurrentIndex(row);
  table_->scrollTo(row);
}

void PodsPage::showSelected() {
  picked_ |= order_.isHeld();
  const QModelIndex row = table_->currentIndex().siblingAtColumn(0);
  const QString engine = row.data(EngineRole).toString();
  const QString pod = row.data(IdRole).toString();
  if (engine == engine_ && pod == pod_) return;
  // A pod that scaling takes away leaves the sheet that says so.
  const bool wasScaled = qobject_cast<const ScaleFlow*>(action_->flow()) && session.pods.find(engine_, pod_) < 0;
  engine_ = engine;
  pod_ = pod;
  if (!wasScaled) sheet_->fold();
  feed_.followPod(session.fleet.find(engine), pod);
  refreshDetail();
}

void PodsPage::refreshDetail() {
  const int row = session.pods.find(engine_, pod_);
  detail_->setVisible(row >= 0);
  reason_->setVisible(row >= 0 && !session.pods.row(row).state.reason.isEmpty());
  if (row < 0) return shards_->hide();
  const auto& shown = session.pods.row(row);
  const PodState& pod = shown.state;
  const int shape = shapeOf(session.pods.phaseOf(row));
  mark_->setShape(static_cast<StateShape>(shape));
  name_->setText(pod.name);
  QStringList facts{wordOf(session.pods.phaseOf(row)) + QStringLiteral(" for ") + duration(wallClockNow() - pod.phaseSince)};
  facts << tr("runs %1").arg(pod.pipelines.isEmpty() ? tr("nothing") : pod.pipelines.size() > mostPipelinesNamed ? counted(pod.pipelines.size(), tr("pipeline"), tr("pipelines")) : pod.pipelines.join(QStringLiteral(", ")));
  if (pod.behindRows > 0) facts << counted(pod.behindRows, tr("row behind"), tr("rows behind"));
  facts << tr("process %1 on %2").arg(pod.processId).arg(pod.host);
  facts << counted(pod.restarts, tr("restart"), tr("restarts"));
  if (isKnown(pod.lastHeartbeat)) facts << tr("heard %1 ago").arg(duration(wallClockNow() - pod.lastHeartbeat));
  facts_->setText(facts.join(QStringLiteral(" · ")));
  const QString shards = shardsInWords(pod);
  shards_->setText(shards);
  shards_->setVisible(!shards.isEmpty());
  const bool mayAct = shown.engine->isFresh() && !(action_->flow() && action_->flow()->isBusy());
  QString why;
  scale_->setEnabled(!scalable(&why).isEmpty() && mayAct);
  scale_->setToolTip(!why.isEmpty() ? why : shown.engine->isFresh() ? tr("More or fewer pods for this pipeline: its shards move, the rest goes on") : tr("Its engine does not answer"));
  reason_->setText(pod.reason);
  reason_->setTone(shape == mark::Failing ? Tone::Failing : Tone::Warning);
  reset_->setEnabled(mayAct);
  reset_->setKind(shape == mark::Failing || shape == mark::Warning ? Button::Kind::Primary : Button::Kind::Secondary);
  reset_->setToolTip(shown.engine->isFresh() ? tr("Stops it, starts it, resumes from the last epoch and replays what waited") : tr("Its engine does not answer"));
}

void PodsPage::refreshTitle() {
  int wrong = 0;
  qint64 behind = 0;
  const PodsModel& pods = session.pods;
  for (int row = 0; row < pods.rowCount(); ++row) {
    const int shape = shapeOf(pods.phaseOf(row));
    wrong += shape == mark::Failing || shape == mark::Warning;
    behind += pods.row(row).state.behindRows;
  }
  title_->setText(wrong > 0 ? counted(wrong, tr("pod is not well"), tr("pods are not well")) : pods.rowCount() > 0 ? tr("All pods are well") : session.isWaiting() ? tr("Waiting for the first report") : tr("No pods yet"));
  showWaiting(table_, session);
  showEmpty(table_, pods.rowCount(), {tr("No pod runs here"), tr("Pods appear when a pipeline starts")});
  totals_->setText(counted(pods.rowCount(), tr("pod"), tr("pods")) + QStringLiteral(" · ") + counted(behind, tr("row behind"), tr("rows behind")));
  const bool severalEngines = session.fleet.size() > 1;
  if (table_->isColumnHidden(P::Engine) == severalEngines) table_->setColumnHidden(P::Engine, !severalEngines);
  bool divided = false;
  for (int row = 0; row < pods.rowCount() && !divided; ++row) divided = !pods.row(row).state.shards.empty();
  if (table_->isColumnHidden(P::Shards) == divided) table_->setColumnHidden(P::Shards, !divided);
  if (!picked_ && table_->currentIndex().row() != 0 && order_.rowCount() > 0 && isVisible()) table_->selectRow(0);
}

void PodsPage::reset() {
  picked_ = true;               // its progress and outcome stay in view when it is well again
  Connection* engine = session.fleet.find(engine_);
  if (!engine || (action_->flow() && action_->flow()->isBusy())) return;
  action_->setUndo(nullptr);
  sheet_->setFields(nullptr);
  action_->press(std::make_unique<ResetFlow>(*engine, pod_));
}

QString PodsPage::scalable(QString* why) const {
  const int row = session.pods.find(engine_, pod_);
  if (row < 0) return {};
  const QStringList& pipelines = session.pods.row(row).state.pipelines;
  const QString pipeline = pipelines.isEmpty() ? QString() : pipelines.first();
  const int known = session.pipelines.find(engine_, pipeline);
  if (pipelines.size() != 1 || !pod_.startsWith(pipeline + '-') || known < 0)
    *why = tr("Pipelines share this pod. One that says pods: and shards: in its file has pods of its own");
  else if (session.pipelines.row(known).state.shards < 2)
    *why = tr("%1 has one shard, which stays whole. shards: in its file divides it").arg(pipeline);
  return why->isEmpty() ? pipeline : QString();
}

void PodsPage::scale() {
  Connection* engine = session.fleet.find(engine_);
  QString why;
  const QString pipeline = scalable(&why);
  if (!engine || pipeline.isEmpty() || (action_->flow() && action_->flow()->isBusy())) return;
  picked_ = true;
  const PipelineState& state = session.pipelines.row(session.pipelines.find(engine_, pipeline)).state;
  const int now = std::clamp(state.podsWanted, 1, state.shards);
  auto flow = std::make_unique<ScaleFlow>(*engine, pipeline, now < state.shards ? now + 1 : now - 1, ScaleFlow::Begins::Asking);

  auto* fields = new QWidget;
  auto* line = new QHBoxLayout(fields);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(metrics::gap);
  auto* pods = new QSpinBox;
  pods->setObjectName(QStringLiteral("wantedPods"));
  pods->setAccessibleName(tr("Pods of %1").arg(pipeline));
  pods->setRange(1, state.shards);
  pods->setValue(flow->wanted());
  pods->setFixedWidth(90);
  connect(pods, &QSpinBox::valueChanged, flow.get(), &ScaleFlow::setWanted);
  auto* name = new Label(tr("Pods"), Tone::Dim);
  name->setMinimumWidth(80);    // as the sheet's own names
  line->addWidget(name);
  line->addWidget(pods);
  line->addWidget(new Label(tr("1 to %1: it has %2").arg(state.shards).arg(counted(state.shards, tr("shard"), tr("shards"))), Tone::Faint));
  line->addStretch();

  action_->setUndo([engine, pipeline, now] { return std::make_unique<ScaleFlow>(*engine, pipeline, now, ScaleFlow::Begins::AtOnce); });
  sheet_->setFields(fields);
  action_->press(std::move(flow));
}

// "sales: sales-0 has 0, 3 · sales-1 has 1, 4", the selected one's in the text colour.
QString PodsPage::shardsInWords(const PodState& pod) const {
  if (pod.shards.empty()) return {};
  const Theme& theme = Theme::of(this);
  const QString pipeline = pod.shards.front().pipeline;
  std::map<QString, QString> parts;     // by pod
  for (int row = 0; row < session.pods.rowCount(); ++row) {
    const auto& one = session.pods.row(row);
    if (one.engine->name() != engine_) continue;
    for (const PodShards& some : one.state.shards) {
      if (some.pipeline != pipeline) continue;
      QStringList numbers;
      for (const int shard : some.shards) numbers << QString::number(shard);
      const QString text = tr("%1 has %2").arg(one.state.name.toHtmlEscaped(), numbers.join(QStringLiteral(", ")));
      parts[one.state.name] = one.state.name == pod.name ? QStringLiteral("<span style=\"color:%1\">%2</span>").arg(theme.text.name(), text) : text;
    }
  }
  QStringList shown;
  for (const auto& [name, part] : parts) shown << part;
  return tr("Shards of %1: %2").arg(pipeline.toHtmlEscaped(), shown.join(QStringLiteral(" · ")));
}

QJsonObject PodsPage::layoutState() const {
  QJsonObject state = columnState(table_);
  state.insert(QStringLiteral("fields"), fieldsState({filter_, phase_}));
  state.insert(QStringLiteral("splitter"), QString::fromLatin1(splitter_->saveState().toBase64()));
  return state;
}

void PodsPage::restoreLayoutState(const QJsonObject& state) {
  restoreColumnState(table_, state);
  restoreFields({filter_, phase_}, state.value(QStringLiteral("fields")).toObject());
  splitter_->restoreState(QByteArray::fromBase64(state.value(QStringLiteral("splitter")).toString().toLatin1()));
}

QWidget* PodsPage::firstFocus() { return table_; }
void PodsPage::focusFilter() { filter_->setFocus(Qt::ShortcutFocusReason); }
bool PodsPage::isReady() const { return session.pods.rowCount() > 0; }

}  // namespace penstock::ui
