#include "pages/replay_page.h"

#include <QComboBox>
#include <QDateTimeEdit>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include "pages/action_sheet.h"
#include "pages/columns.h"
#include "pages/fields.h"
#include "pages/rejected_panel.h"
#include "viewmodels/replay_flows.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"
#include "widgets/label.h"
#include "widgets/mark_delegates.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

using V = ReplaysModel;
using Act = ReplayCommandFlow::Act;

bool goesOn(const QString& status) { return status == "running" || status == "paused" || status == "planned" || status == "verifying"; }

Instant instantOf(const QDateTimeEdit& edit) { return penstock::ui::instantOf(edit.dateTime().toMSecsSinceEpoch() * 1'000); }

}  // namespace

ReplayPage::ReplayPage(Session& session, QWidget* parent) : Page(session, parent), order_(&session.replays) {
  rejected_ = new RejectedPanel(session);
  split_ = new QSplitter(Qt::Vertical);
  split_->setChildrenCollapsible(false);
  split_->addWidget(makeReplays());
  split_->addWidget(rejected_);
  split_->setSizes({280, 580});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(split_);

  connect(replays_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ReplayPage::refreshActions);
  connect(&order_, &QAbstractItemModel::dataChanged, this, &ReplayPage::refreshActions);
  connect(&order_, &QAbstractItemModel::rowsInserted, this, &ReplayPage::refreshActions);
  connect(&session.pipelines, &QAbstractItemModel::rowsInserted, this, &ReplayPage::fillPipelines);
  fillPipelines();
  refreshActions();
}

ReplayPage::~ReplayPage() = default;

QWidget* ReplayPage::makeReplays() {
  title_ = new Label({}, Tone::Normal, Label::Font::Heading);
  pause_ = new Button(tr("Pause"));
  cancel_ = new Button(tr("Cancel…"));
  rate_ = new QSpinBox;
  rate_->setObjectName(QStringLiteral("rate of the replay"));
  rate_->setRange(0, 1'000'000);
  rate_->setSingleStep(500);
  rate_->setSuffix(tr(" rows/s at most"));
  rate_->setSpecialValueText(tr("No rate limit"));
  rate_->setAccessibleName(tr("Rate limit of the selected replay"));
  rate_->setMinimumWidth(180);
  setRate_ = new Button(tr("Set rate"));
  connect(pause_, &Button::clicked, this, [this] {
    const bool paused = replays_->currentIndex().siblingAtColumn(0).data(V::StatusRole) == "paused";
    command(paused ? Act::Resume : Act::Pause);
  });
  connect(cancel_, &Button::clicked, this, [this] { command(Act::Cancel); });
  connect(setRate_, &Button::clicked, this, [this] { command(Act::SetRate); });
  auto* head = new QHBoxLayout;
  head->setContentsMargins(20, 12, 20, 0);
  head->setSpacing(metrics::gap);
  head->addWidget(title_);
  head->addStretch();
  for (QWidget* widget : {static_cast<QWidget*>(rate_), static_cast<QWidget*>(setRate_), static_cast<QWidget*>(pause_), static_cast<QWidget*>(cancel_)}) head->addWidget(widget);

  replays_ = new TableView;
  replays_->setObjectName(QStringLiteral("replays"));
  replays_->setAccessibleName(tr("Replays"));
  replays_->setModel(&order_);
  replays_->setEmptyText(tr("No replay has run yet"), tr("Preview one in the line below, or redrive rows out of dead letters or quarantine"));
  holdOrder(replays_, &order_);
  const CellRoles roles = cellRoles();
  replays_->setItemDelegate(new CellDelegate(roles, replays_));
  replays_->setItemDelegateForColumn(V::State, new ShapeDelegate(ShapeRole, roles, replays_));
  replays_->setItemDelegateForColumn(V::Progress, new ProgressDelegate(V::FractionRole, roles, replays_));
  for (const auto& [column, width] : {std::pair(V::State, 40), std::pair(V::Kind, 90), std::pair(V::Pipeline, 140), std::pair(V::Progress, 180), std::pair(V::Rows, 180), std::pair(V::Rate, 90), std::pair(V::TimeLeft, 90), std::pair(V::Started, 120), std::pair(V::Who, 100)})
    replays_->horizontalHeader()->resizeSection(column, width);

  sheet_ = new InlineSheet;
  action_ = std::make_unique<ActionSheet>(sheet_);
  auto* sheetPlace = new QHBoxLayout;
  sheetPlace->setContentsMargins(20, 0, 20, 0);
  sheetPlace->addWidget(sheet_);
  auto* whole = new QWidget;
  auto* layout = new QVBoxLayout(whole);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(metrics::gap);
  layout->addLayout(head);
  layout->addWidget(replays_, 1);
  layout->addLayout(sheetPlace);
  layout->addWidget(makeForm());
  return whole;
}

QWidget* ReplayPage::makeForm() {
  pipeline_ = new QComboBox;
  pipeline_->setAccessibleName(tr("Pipeline to replay"));
  keepNarrow(pipeline_);
  const QDateTime now = QDateTime::currentDateTimeUtc();
  const auto time = [&](const QString& name, const QDateTime& value) {
    auto* edit = new QDateTimeEdit(value);
    edit->setTimeSpec(Qt::UTC);
    edit->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm:ss 'UTC'"));
    edit->setAccessibleName(name);
    edit->setMinimumWidth(200);
    return edit;
  };
  from_ = time(tr("From, UTC"), now.addSecs(-900));
  to_ = time(tr("To, UTC"), now);
  proposedFrom_ = from_->dateTime();
  proposedTo_ = to_->dateTime();
  preview_ = new Button(tr("Preview the replay"));
  connect(preview_, &Button::clicked, this, &ReplayPage::startReplay);
  auto* form = new QWidget;
  auto* layout = new QHBoxLayout(form);
  layout->setContentsMargins(20, 0, 20, 10);
  layout->setSpacing(metrics::gap);
  layout->addWidget(new Label(tr("Replay"), Tone::Dim));
  layout->addWidget(pipeline_);
  layout->addWidget(new Label(tr("from"), Tone::Dim));
  layout->addWidget(from_);
  layout->addWidget(new Label(tr("to"), Tone::Dim));
  layout->addWidget(to_);
  layout->addWidget(preview_);
  layout->addStretch();
  return form;
}

void ReplayPage::fillPipelines() {
  for (int row = 0; row < session.pipelines.rowCount(); ++row) {
    const QString& name = session.pipelines.row(row).state.name;
    if (pipeline_->findText(name) < 0) pipeline_->addItem(name);
  }
  preview_->setEnabled(pipeline_->count() > 0);
}

void ReplayPage::refreshActions() {
  int running = 0;
  for (int row = 0; row < order_.rowCount(); ++row) running += goesOn(order_.index(row, 0).data(V::StatusRole).toString());
  title_->setText(running == 0 ? tr("Nothing is being replayed") : counted(running, tr("replay under way"), tr("replays under way")));
  const QString status = replays_->currentIndex().siblingAtColumn(0).data(V::StatusRole).toString();
  const bool any = goesOn(status);
  for (QWidget* widget : {static_cast<QWidget*>(pause_), static_cast<QWidget*>(cancel_), static_cast<QWidget*>(rate_), static_cast<QWidget*>(setRate_)}) widget->setEnabled(any);
  pause_->setText(status == "paused" ? tr("Resume") : tr("Pause"));
}

void ReplayPage::command(Act act) {
  const QModelIndex row = replays_->currentIndex().siblingAtColumn(0);
  Connection* engine = session.fleet.find(row.data(EngineRole).toString());
  if (!engine) return;
  action_->press(std::make_unique<ReplayCommandFlow>(*engine, row.data(IdRole).toString(), act, row.data(V::StatusRole).toString(), rate_->value()));
}

void ReplayPage::startReplay() {
  const QString pipeline = pipeline_->currentText();
  const int row = session.pipelines.find({}, pipeline);
  Connection* engine = row < 0 ? nullptr : session.fleet.find(session.pipelines.index(row, 0).data(EngineRole).toString());
  if (!engine) return;
  ReplayRequest request;
  request.pipeline = pipeline;
  request.fromTime = instantOf(*from_);
  request.toTime = instantOf(*to_);
  action_->press(std::make_unique<ReplayFlow>(*engine, request));
}

void ReplayPage::open(const Link& link) {
  if (link.object.isEmpty()) return;
  const int source = session.replays.find(link.engine, link.object);
  if (source >= 0) {
    replays_->setCurrentIndex(order_.mapFromSource(session.replays.index(source, 0)));
    return;
  }
  rejected_->showPipeline(link.object);
  if (pipeline_->findText(link.object) >= 0) pipeline_->setCurrentText(link.object);
}

Link ReplayPage::here() const {
  const QModelIndex row = replays_->currentIndex().siblingAtColumn(0);
  return {row.data(EngineRole).toString(), QStringLiteral("replay"), row.data(IdRole).toString(), {}};
}

QJsonObject ReplayPage::layoutState() const {
  return {{QStringLiteral("replays"), columnState(replays_)}, {QStringLiteral("split"), QString::fromLatin1(split_->saveState().toBase64())},
          {QStringLiteral("form"), fieldsState(fields())}, {QStringLiteral("rejected"), rejected_->state()}};
}

void ReplayPage::restoreLayoutState(const QJsonObject& state) {
  restoreColumnState(replays_, state.value(QStringLiteral("replays")).toObject());
  split_->restoreState(QByteArray::fromBase64(state.value(QStringLiteral("split")).toString().toLatin1()));
  restoreFields({pipeline_, from_, to_}, state.value(QStringLiteral("form")).toObject());
  rejected_->restore(state.value(QStringLiteral("rejected")).toObject());
}

Fields ReplayPage::fields() const {
  Fields fields{pipeline_};
  if (from_->dateTime() != proposedFrom_ || to_->dateTime() != proposedTo_) fields.insert(fields.end(), {from_, to_});
  return fields;
}

QWidget* ReplayPage::firstFocus() { return rejected_->table(); }

void ReplayPage::focusFilter() { rejected_->filter()->setFocus(); }

bool ReplayPage::isReady() const { return !rejected_->rows().isLoading(); }

}  // namespace penstock::ui
