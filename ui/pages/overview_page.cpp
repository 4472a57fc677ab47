#include "pages/overview_page.h"

#include <algorithm>
#include <QComboBox>
#include <QHeaderView>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

#include "pages/attention_cards.h"
#include "pages/columns.h"
#include "pages/fields.h"
#include "pages/pipeline_detail.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/mark_delegates.h"
#include "widgets/panel.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

// Above so many healthy rows they are one line: 30 rows fill the window.
constexpr int mostHealthyShown = 30;

using P = PipelinesModel;

const QString savepointsSuffix = QStringLiteral("/savepoints");

}  // namespace

OverviewPage::OverviewPage(Session& session, QWidget* parent) : Page(session, parent), order_(&session.pipelines) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(20, 14, 20, 16);
  layout->setSpacing(12);
  cards_ = new AttentionCards(session);
  layout->addWidget(makeHeader());
  layout->addWidget(cards_);

  auto* panel = new Panel;
  auto* inside = new QVBoxLayout(panel);
  inside->setContentsMargins(1, 1, 1, 1);
  inside->setSpacing(0);
  makeTable();
  inside->addWidget(table_, 10);
  folded_ = new Button({}, Button::Kind::Link);
  folded_->hide();
  inside->addWidget(folded_, 0, Qt::AlignLeft);
  detail_ = new PipelineDetail(session);
  inside->addWidget(detail_, 1);
  layout->addWidget(panel, 1);

  order_.foldHealthy(mostHealthyShown);
  connect(&order_, &HeldOrder::foldedChanged, this, &OverviewPage::showFolded);
  connect(folded_, &Button::clicked, this, [this] {
    order_.foldHealthy(order_.foldedHealthy() > 0 ? -1 : mostHealthyShown);
    showFolded(order_.foldedHealthy());
  });
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &OverviewPage::showSelected);
  connect(&session.attention, &QAbstractItemModel::modelReset, this, &OverviewPage::refreshHeader);
  refreshing_.setInterval(1'000);
  connect(&refreshing_, &QTimer::timeout, this, &OverviewPage::refreshHeader);
  refreshing_.start();
  refreshHeader();
}

QWidget* OverviewPage::makeHeader() {
  auto* header = new QWidget;
  auto* layout = new QHBoxLayout(header);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(12);
  title_ = new Label({}, Tone::Normal, Label::Font::Heading);
  totals_ = new Label({}, Tone::Dim);
  layout->addWidget(title_);
  layout->addWidget(cards_->more());
  totals_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // a narrow window cuts it, and stays narrow
  layout->addWidget(totals_, 1);
  filter_ = new QLineEdit;
  filter_->setPlaceholderText(tr("Filter  /"));
  filter_->setClearButtonEnabled(true);
  filter_->setFixedWidth(200);
  filter_->setAccessibleName(tr("Filter pipelines"));
  connect(filter_, &QLineEdit::textChanged, &order_, &HeldOrder::setText);
  layout->addWidget(filter_);
  tenant_ = new QComboBox;
  tenant_->setAccessibleName(tr("Tenant"));
  keepNarrow(tenant_);
  tenant_->addItem(tr("All tenants"));
  connect(tenant_, &QComboBox::currentIndexChanged, this, [this](int index) {
    order_.setOnly(P::TenantRole, index <= 0 ? QVariant() : tenant_->itemText(index));
  });
  layout->addWidget(tenant_);
  state_ = new QComboBox;
  state_->setAccessibleName(tr("State"));
  state_->addItem(tr("All states"));
  for (const auto status : {PipelineStatus::Stuck, PipelineStatus::Failing, PipelineStatus::Degraded, PipelineStatus::CatchingUp, PipelineStatus::Running,
                            PipelineStatus::Paused, PipelineStatus::Stopped, PipelineStatus::Unknown}) {
    state_->addItem(wordOf(status), nameOf(status));
  }
  connect(state_, &QComboBox::currentIndexChanged, this, [this](int index) { order_.setOnly(P::StatusRole, index <= 0 ? QVariant() : state_->itemData(index)); });
  layout->addWidget(state_);
  return header;
}

void OverviewPage::makeTable() {
  table_ = new TableView;
  table_->setObjectName(QStringLiteral("pipelines"));
  table_->setAccessibleName(tr("Pipelines"));
  table_->setModel(&order_);
  connect(table_, &TableView::overlayActionPressed, this, &OverviewPage::showAll);
  holdOrder(table_, &order_);
  const CellRoles roles = cellRoles();
  table_->setItemDelegate(new CellDelegate(roles, table_));
  table_->setItemDelegateForColumn(P::State, new ShapeDelegate(ShapeRole, roles, table_));
  table_->setItemDelegateForColumn(P::Sparkline, new SparklineDelegate(SeriesRole, roles, table_));
  table_->setItemDelegateForColumn(P::Objective, new ObjectiveDelegate(ObjectiveRole, roles, table_));
  table_->setItemDelegateForColumn(P::History, new HistoryDelegate(HistoryRole, roles, table_));
  QHeaderView* header = table_->horizontalHeader();
  header->setSectionResizeMode(QHeaderView::Interactive);
  for (const auto& [column, width] : {std::pair(P::State, 40), std::pair(P::Tenant, 130), std::pair(P::Engine, 140), std::pair(P::Rate, 84), std::pair(P::Behind, 104), std::pair(P::P50, 78), std::pair(P::P99, 78), std::pair(P::Objective, 170), std::pair(P::Failing, 100),
                                      std::pair(P::Pods, 96), std::pair(P::History, 130)}) {
    header->resizeSection(column, width);
  }
  // The two share what is left: a wide window shows longer names and more of the last minutes, and no gap between them.
  for (const auto column : {P::Name, P::Sparkline}) header->setSectionResizeMode(column, QHeaderView::Stretch);
  connect(table_, &TableView::activated, this, [this](const QModelIndex& index) {
    session.open({index.siblingAtColumn(0).data(EngineRole).toString(), QStringLiteral("lineage"), index.siblingAtColumn(0).data(IdRole).toString(), {}});
  });
}

void OverviewPage::open(const Link& link) {
  const bool showsSavepoints = link.object.endsWith(savepointsSuffix);
  if (!link.object.isEmpty()) select(link.engine, showsSavepoints ? link.object.chopped(savepointsSuffix.size()) : link.object);
  else if (!table_->currentIndex().isValid() && order_.rowCount() > 0) table_->selectRow(0);
  if (showsSavepoints) detail_->showSavepoints(true);
  if (!link.press.isEmpty()) detail_->press(link.press);
}

Link OverviewPage::here() const {
  const QModelIndex row = table_->currentIndex().siblingAtColumn(0);
  const QString pipeline = row.data(IdRole).toString();
  return {row.data(EngineRole).toString(), QStringLiteral("overview"), pipeline.isEmpty() || !detail_->showsSavepoints() ? pipeline : pipeline + savepointsSuffix, {}};
}

void OverviewPage::select(const QString& engine, const QString& pipeline) {
  const int source = session.pipelines.find(engine, pipeline);
  if (source < 0) return;
  QModelIndex row = order_.mapFromSource(session.pipelines.index(source, 0));
  if (!row.isValid()) {         // folded or filtered away: shown all the same, it was asked for
    showAll();
    order_.foldHealthy(-1);
    row = order_.mapFromSource(session.pipelines.index(source, 0));
  }
  picked_ = true;
  table_->setCurrentIndex(row);
  table_->scrollTo(row);
}

void OverviewPage::showAll() {
  filter_->clear();
  tenant_->setCurrentIndex(0);
  state_->setCurrentIndex(0);
}

void OverviewPage::showSelected() {
  picked_ |= order_.isHeld();
  const QModelIndex row = table_->currentIndex().siblingAtColumn(0);
  detail_->show(row.data(EngineRole).toString(), row.data(IdRole).toString());
}

void OverviewPage::fillTenants() {
  QStringList tenants;
  for (int row = 0; row < session.pipelines.rowCount(); ++row) {
    const QString& tenant = session.pipelines.row(row).state.tenant;
    if (!tenant.isEmpty() && !tenants.contains(tenant)) tenants << tenant;
  }
  tenants.sort();
  if (tenants.empty() || tenant_->count() == tenants.size() + 1) return;
  const QString chosen = tenant_->currentText();
  const QSignalBlocker quiet(tenant_);
  while (tenant_->count() > 1) tenant_->removeItem(1);
  tenant_->addItems(tenants);
  tenant_->setCurrentIndex(std::max(0, tenant_->findText(chosen)));
}

void OverviewPage::refreshHeader() {
  fillTenants();
  showWaiting(table_, session);
  const int needs = session.attention.rowCount();
  const PipelinesModel& pipelines = session.pipelines;
  const bool known = pipelines.rowCount() > 0;
  title_->setText(needs > 0 ? counted(needs, tr("thing needs you"), tr("things need you")) : known ? tr("Nothing needs you") : session.isWaiting() ? tr("Waiting for the first report") : tr("Nothing runs here yet"));
  showEmpty(table_, pipelines.rowCount(), {tr("This workspace has no pipelines yet"), tr("Write one under pipelines/ and apply the workspace: it appears here when it starts")});
  double rows = 0;
  Micros worst{};
  Micros objective{};
  QStringList tenants;
  for (int row = 0; row < pipelines.rowCount(); ++row) {
    const PipelineState& state = pipelines.row(row).state;
    if (pipelines.row(row).engine->isFresh()) rows += state.rowsPerSecond;
    if (state.queryable.count > 0 && state.queryable.p99 > worst) {
      worst = state.queryable.p99;
      objective = state.objectiveP99;
    }
    if (!state.tenant.isEmpty() && !tenants.contains(state.tenant)) tenants << state.tenant;
  }
  QStringList facts{counted(pipelines.rowCount(), tr("pipeline"), tr("pipelines"))};
  if (!tenants.isEmpty()) facts << counted(tenants.size(), tr("tenant"), tr("tenants"));
  facts << rate(rows) + tr(" rows/s");
  table_->setColumnHidden(P::Tenant, tenants.isEmpty());
  tenant_->setVisible(!tenants.isEmpty());
  if (worst.count() > 0) facts << tr("worst p99 %1 ms").arg(milliseconds(worst)) + (objective.count() > 0 ? tr(" (objective %1 ms)").arg(milliseconds(objective)) : QString());
  totals_->setText(known ? facts.join(QStringLiteral(" · ")) : QString());
  const bool severalEngines = session.fleet.size() > 1;
  if (table_->isColumnHidden(P::Engine) == severalEngines) table_->setColumnHidden(P::Engine, !severalEngines);
  // The table is as high as its rows, so that the rest of the room is the selected pipeline's.
  const int shown = order_.rowCount();
  table_->setMaximumHeight(shown == 0 ? QWIDGETSIZE_MAX : table_->horizontalHeader()->height() + std::max(shown, 5) * metrics::rowHeight + 2);
  if (!picked_ && table_->currentIndex().row() != 0 && order_.rowCount() > 0 && isVisible()) table_->selectRow(0);
  detail_->refresh();
}

void OverviewPage::showFolded(int healthy) {
  folded_->setVisible(healthy > 0 || session.pipelines.rowCount() > mostHealthyShown);
  folded_->setText(healthy > 0 ? tr("%1 healthy").arg(grouped(healthy)) : tr("Fold the healthy ones"));
}

QJsonObject OverviewPage::layoutState() const {
  QJsonObject state = columnState(table_);
  state.insert(QStringLiteral("fields"), fieldsState({filter_, tenant_, state_}));
  return state;
}

void OverviewPage::restoreLayoutState(const QJsonObject& state) {
  restoreColumnState(table_, state);
  restoreFields({filter_, tenant_, state_}, state.value(QStringLiteral("fields")).toObject());
}

QWidget* OverviewPage::firstFocus() { return table_; }
void OverviewPage::focusFilter() { filter_->setFocus(Qt::ShortcutFocusReason); }
bool OverviewPage::isReady() const { return session.pipelines.rowCount() > 0; }

}  // namespace penstock::ui
