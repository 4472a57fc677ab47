#include "pages/settings_page.h"

#include <algorithm>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QScrollArea>
#include <QVBoxLayout>

#include "pages/columns.h"
#include "pages/connect_form.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/mark_delegates.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

TableView* makeTable(QAbstractItemModel* model, const QString& name) {
  auto* table = new TableView;
  table->setModel(model);
  table->setAccessibleName(name);
  table->setItemDelegate(new CellDelegate(cellRoles(), table));
  table->setItemDelegateForColumn(0, new ShapeDelegate(ShapeRole, cellRoles(), table));
  table->horizontalHeader()->resizeSection(0, 40);
  return table;
}

void fitRows(TableView* table, int fewest) {
  table->setFixedHeight(table->horizontalHeader()->sizeHint().height() + std::clamp(table->model()->rowCount(), fewest, 10) * metrics::rowHeight + 2);
}

}  // namespace

SettingsPage::SettingsPage(Session& session, QWidget* parent) : Page(session, parent) {
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  auto* scroll = new QScrollArea;
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidgetResizable(true);
  outer->addWidget(scroll);
  auto* content = new QWidget;
  auto* layout = new QVBoxLayout(content);
  layout->setContentsMargins(20, 14, 20, 16);
  layout->setSpacing(12);
  layout->addWidget(makeEngines());
  layout->addSpacing(12);
  layout->addWidget(makeConnections());
  layout->addSpacing(12);
  layout->addWidget(makeAppearance());
  layout->addStretch();
  for (QWidget* group : content->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) group->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
  scroll->setWidget(content);
  connect(&session, &Session::engineChanged, this, [this] {
    if (isVisible()) open({});
  });
  connect(&connections_, &WorkspaceConnectionsModel::changed, this, [this] {
    if (connections_.problem().isEmpty()) connectionTable_->setReady();
    else connectionTable_->setError(tr("The connections could not be read"), connections_.problem(), tr("Try again"));
    fit();
  });
  connect(connectionTable_, &TableView::overlayActionPressed, this, [this] { connections_.show(this->session.engine()); });
  for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved}) connect(&session.engines, signal, this, &SettingsPage::fit);
  fit();
}

QWidget* SettingsPage::makeEngines() {
  using E = EnginesModel;
  auto* group = new QWidget;
  auto* layout = new QVBoxLayout(group);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(10);
  auto* header = new QHBoxLayout;
  header->addWidget(new Label(tr("Engines"), Tone::Normal, Label::Font::Heading));
  header->addStretch();
  auto* retry = new Button(tr("Try again"));
  disconnect_ = new Button(tr("Disconnect"));
  header->addWidget(retry);
  header->addWidget(disconnect_);
  layout->addLayout(header);
  engineTable_ = makeTable(&session.engines, tr("Engines"));
  for (const auto& [column, width] : {std::pair(E::Name, 160), std::pair(E::Environment, 190), std::pair(E::Workspace, 140), std::pair(E::Address, 190), std::pair(E::Version, 90), std::pair(E::Behind, 110)}) {
    engineTable_->horizontalHeader()->resizeSection(column, width);
  }
  engineTable_->horizontalHeader()->setSectionResizeMode(E::Problem, QHeaderView::Stretch);
  engineTable_->setEmptyText(tr("No engine"), tr("Connect to one below, or open a folder"));
  layout->addWidget(engineTable_);
  form_ = new ConnectForm;
  form_->setMaximumWidth(640);
  layout->addWidget(form_);
  connect(form_, &ConnectForm::connectRequested, this, &SettingsPage::connectTo);
  connect(disconnect_, &Button::clicked, this, &SettingsPage::disconnectSelected);
  connect(retry, &Button::clicked, this, [this] {
    const QModelIndex row = engineTable_->currentIndex();
    if (row.isValid()) session.engines.engine(row.row())->retryNow();
  });
  connect(engineTable_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& row) {
    disconnect_->setEnabled(row.isValid() && !session.engines.engine(row.row())->isEmbedded());
    if (row.isValid()) session.chooseEngine(row.siblingAtColumn(0).data(IdRole).toString());
  });
  disconnect_->setEnabled(false);
  return group;
}

QWidget* SettingsPage::makeConnections() {
  using W = WorkspaceConnectionsModel;
  auto* group = new QWidget;
  auto* layout = new QVBoxLayout(group);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(10);
  auto* header = new QHBoxLayout;
  connectionsTitle_ = new Label(tr("Connections"), Tone::Normal, Label::Font::Heading);
  header->addWidget(connectionsTitle_);
  header->addStretch();
  test_ = new Button(tr("Test"));
  auto* testAll = new Button(tr("Test all"));
  header->addWidget(test_);
  header->addWidget(testAll);
  layout->addLayout(header);
  connectionTable_ = makeTable(&connections_, tr("Connections"));
  for (const auto& [column, width] : {std::pair(W::Name, 180), std::pair(W::Kind, 110), std::pair(W::Endpoint, 300), std::pair(W::UsedBy, 260)}) connectionTable_->horizontalHeader()->resizeSection(column, width);
  connectionTable_->horizontalHeader()->setSectionResizeMode(W::Outcome, QHeaderView::Stretch);
  connectionTable_->setEmptyText(tr("No connection"), tr("The workspace reaches nothing outside. Connections stand in connections.yaml"));
  layout->addWidget(connectionTable_);
  connect(test_, &Button::clicked, this, [this] { connections_.test(connectionTable_->currentIndex().row()); });
  connect(connectionTable_, &TableView::activated, this, [this](const QModelIndex& row) { connections_.test(row.row()); });
  connect(testAll, &Button::clicked, this, [this] {
    for (int row = 0; row < connections_.rowCount(); ++row) connections_.test(row);
  });
  return group;
}

QWidget* SettingsPage::makeAppearance() {
  auto* group = new QWidget;
  auto* grid = new QGridLayout(group);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(metrics::margin);
  grid->setVerticalSpacing(10);
  grid->addWidget(new Label(tr("Appearance"), Tone::Normal, Label::Font::Heading), 0, 0, 1, 3);
  const auto add = [&](int row, const QString& name, QComboBox* box, const QString& hint) {
    box->setAccessibleName(name);
    box->setFixedWidth(160);
    grid->addWidget(new Label(name), row, 0);
    grid->addWidget(box, row, 1);
    grid->addWidget(new Label(hint, Tone::Dim), row, 2);
  };
  auto* theme = new QComboBox;
  theme->setObjectName(QStringLiteral("appearance"));
  theme->addItems({tr("As the system"), tr("Dark"), tr("Light")});
  theme->setCurrentIndex(static_cast<int>(session.preferences.appearance()));
  connect(theme, &QComboBox::currentIndexChanged, this, [this](int index) { session.preferences.setAppearance(static_cast<Preferences::Appearance>(index)); });
  connect(&session.preferences, &Preferences::appearanceChanged, theme, [this, theme] { theme->setCurrentIndex(static_cast<int>(session.preferences.appearance())); });
  add(1, tr("Colours"), theme, {});
  auto* scale = new QComboBox;
  for (const int percent : {100, 125, 150, 175, 200}) scale->addItem(QStringLiteral("%1 %").arg(percent), percent);
  scale->setCurrentIndex(std::max(0, scale->findData(session.preferences.scalePercent())));
  connect(scale, &QComboBox::currentIndexChanged, this, [this, scale](int index) { session.preferences.setScalePercent(scale->itemData(index).toInt()); });
  add(2, tr("Size"), scale, tr("from the next start on"));
  auto* zone = new QComboBox;
  zone->addItems({tr("UTC"), tr("Local time")});
  zone->setCurrentIndex(session.timeZone() == TimeZone::Local ? 1 : 0);
  connect(zone, &QComboBox::currentIndexChanged, this, [this](int index) { session.preferences.setTimeZone(index == 1 ? TimeZone::Local : TimeZone::Utc); });
  connect(&session.preferences, &Preferences::timeZoneChanged, zone, [this, zone] { zone->setCurrentIndex(session.timeZone() == TimeZone::Local ? 1 : 0); });
  add(3, tr("Times"), zone, tr("the other one stands in the tooltip"));
  grid->setColumnStretch(2, 1);
  return group;
}

void SettingsPage::open(const Link&) {
  Connection* engine = session.engine();
  connectionsTitle_->setText(engine ? tr("Connections of %1").arg(engine->info().workspace.isEmpty() ? engine->name() : engine->info().workspace) : tr("Connections"));
  connections_.show(engine);
  if (!engineTable_->currentIndex().isValid() && session.engines.rowCount() > 0) engineTable_->selectRow(0);
}

QJsonObject SettingsPage::layoutState() const { return {{QStringLiteral("form"), form_->state()}}; }
void SettingsPage::restoreLayoutState(const QJsonObject& state) { form_->restore(state.value(QStringLiteral("form")).toObject()); }

QWidget* SettingsPage::firstFocus() { return engineTable_; }

void SettingsPage::connectTo(const QString& address, const QString& tokenFile) {
  const Connection& added = session.fleet.add({address, address, readToken(tokenFile).value_or(QString()), nullptr});
  session.preferences.addRemoteEngine({added.name(), address, tokenFile});
}

void SettingsPage::disconnectSelected() {
  const QString name = engineTable_->currentIndex().siblingAtColumn(0).data(IdRole).toString();
  QList<Preferences::RemoteEngine> engines = session.preferences.remoteEngines();
  engines.removeIf([&](const Preferences::RemoteEngine& engine) { return engine.name == name; });
  session.preferences.setRemoteEngines(engines);
  session.fleet.remove(name);
}

void SettingsPage::fit() {
  fitRows(engineTable_, 1);
  fitRows(connectionTable_, 3);
}

}  // namespace penstock::ui
