#include "pages/savepoint_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>

#include "pages/action_sheet.h"
#include "pages/columns.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"
#include "widgets/label.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

using S = SavepointsModel;
using Act = SavepointFlow::Act;

constexpr int rowsInSight = 4;

}  // namespace

SavepointPanel::SavepointPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      title_(new Label({}, Tone::Normal, Label::Font::Strong)),
      count_(new Label({}, Tone::Dim)),
      make_(new Button(tr("Make a savepoint"))),
      restore_(new Button(tr("Restore…"))),
      remove_(new Button(tr("Remove…"))),
      table_(new TableView),
      sheet_(new InlineSheet),
      action_(std::make_unique<ActionSheet>(sheet_)) {
  auto* close = new Button(tr("Close"), Button::Kind::Quiet);
  close->setAccessibleName(tr("Close the savepoints"));
  auto* head = new QHBoxLayout;
  head->setSpacing(metrics::gap);
  head->addWidget(title_);
  head->addWidget(count_, 1);
  for (Button* button : {make_, restore_, remove_, close}) head->addWidget(button);
  table_->setObjectName(QStringLiteral("savepoints"));
  table_->setAccessibleName(tr("Savepoints"));
  table_->setModel(&model_);
  table_->setItemDelegate(new CellDelegate(cellRoles(), table_));
  QHeaderView* header = table_->horizontalHeader();
  for (const auto& [column, width] : {std::pair(S::Made, 220), std::pair(S::Age, 100), std::pair(S::Version, 80), std::pair(S::RowsTaken, 150), std::pair(S::Shards, 80), std::pair(S::Size, 100)}) header->resizeSection(column, width);
  header->setStretchLastSection(false);
  header->setSectionResizeMode(S::Name, QHeaderView::Stretch);
  table_->setMinimumHeight((rowsInSight + 1) * metrics::rowHeight);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, metrics::gap, 0, 0);
  layout->setSpacing(metrics::gap);
  layout->addLayout(head);
  layout->addWidget(sheet_);
  layout->addWidget(table_, 1);

  connect(make_, &Button::clicked, this, &SavepointPanel::make);
  connect(restore_, &Button::clicked, this, [this] { press(Act::Restore); });
  connect(remove_, &Button::clicked, this, [this] { press(Act::Remove); });
  connect(close, &Button::clicked, this, &SavepointPanel::closed);
  connect(table_, &TableView::activated, this, [this] { press(Act::Restore); });
  connect(table_, &TableView::overlayActionPressed, this, [this] { model_.problem().message.isEmpty() ? make() : model_.read(); });
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &SavepointPanel::refresh);
  connect(&model_, &SavepointsModel::changed, this, &SavepointPanel::showRows);
  connect(action_.get(), &ActionSheet::finished, &model_, &SavepointsModel::read);
  connect(&session.preferences, &Preferences::timeZoneChanged, this, [this] { model_.setTimeZone(session_.timeZone()); });
  model_.setTimeZone(session.timeZone());
}

SavepointPanel::~SavepointPanel() = default;

void SavepointPanel::show(const QString& engine, const QString& pipeline) {
  if (engine == engine_ && pipeline == pipeline_) return;
  engine_ = engine;
  pipeline_ = pipeline;
  sheet_->fold();
  title_->setText(tr("Savepoints of %1").arg(pipeline));
  model_.show(session_.fleet.find(engine), pipeline);
}

void SavepointPanel::showRows() {
  const int rows = model_.rowCount();
  count_->setText(rows > 0 ? grouped(rows) : QString());
  table_->setEmptyText(tr("No savepoint of %1 yet").arg(pipeline_), tr("Make one before a move or a change: its state is copied under a name, and can be put back"), tr("Make a savepoint"));
  if (model_.isLoading()) table_->setLoading(tr("Reading the savepoints"));
  else if (!model_.problem().message.isEmpty()) table_->setError(tr("They could not be read"), model_.problem().message, tr("Try again"));
  else table_->setReady();
  if (rows > 0 && !table_->currentIndex().isValid()) table_->selectRow(0);
  refresh();
}

void SavepointPanel::refresh() {
  const Connection* engine = session_.fleet.find(engine_);
  const bool answers = engine && engine->isFresh();
  const bool mayAct = answers && !(action_->flow() && action_->flow()->isBusy());
  const bool isChosen = table_->currentIndex().isValid();
  const QString silent = answers ? QString() : tr("Its engine does not answer");
  make_->setEnabled(mayAct);
  make_->setToolTip(silent);
  for (Button* button : {restore_, remove_}) {
    button->setEnabled(mayAct && isChosen);
    button->setToolTip(!silent.isEmpty() ? silent : isChosen ? QString() : tr("Select a savepoint"));
  }
}

void SavepointPanel::takeFocus() { model_.rowCount() > 0 ? table_->setFocus(Qt::OtherFocusReason) : make_->setFocus(Qt::OtherFocusReason); }

void SavepointPanel::make() {
  Connection* engine = session_.fleet.find(engine_);
  if (!engine || (action_->flow() && action_->flow()->isBusy())) return;
  auto flow = std::make_unique<SavepointFlow>(*engine, pipeline_, Act::Make, SavepointFlow::usualName(pipeline_));
  auto* fields = new QWidget;
  auto* line = new QHBoxLayout(fields);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(metrics::gap);
  auto* name = new QLineEdit(flow->name());
  name->setObjectName(QStringLiteral("savepointName"));
  name->setAccessibleName(tr("Name of the savepoint"));
  name->setMaximumWidth(320);
  connect(name, &QLineEdit::textChanged, flow.get(), &SavepointFlow::setName);
  line->addWidget(new Label(tr("Name"), Tone::Dim));
  line->addWidget(name, 1);
  line->addStretch();
  sheet_->setFields(fields);
  begin(std::move(flow));
}

void SavepointPanel::press(Act act) {
  Connection* engine = session_.fleet.find(engine_);
  const QString name = table_->currentIndex().siblingAtColumn(0).data(IdRole).toString();
  if (!engine || name.isEmpty() || (action_->flow() && action_->flow()->isBusy())) return;
  sheet_->setFields(nullptr);
  begin(std::make_unique<SavepointFlow>(*engine, pipeline_, act, name));
}

void SavepointPanel::begin(std::unique_ptr<SavepointFlow> flow) {
  connect(flow.get(), &ActionFlow::changed, this, &SavepointPanel::refresh);      // the buttons wait while it is busy
  action_->setUndo(nullptr);
  action_->press(std::move(flow));
}

void SavepointPanel::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) return emit closed();
  if (event->key() == Qt::Key_Delete) return press(Act::Remove);
  QWidget::keyPressEvent(event);
}

}  // namespace penstock::ui
