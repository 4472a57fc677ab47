#include "pages/quality_page.h"

#include <limits>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

#include "pages/columns.h"
#include "pages/repair_panel.h"
#include "pages/row_journey_panel.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"
#include "widgets/label.h"
#include "widgets/mark_delegates.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr int narrowestValue = 70;
constexpr int widestValue = 220;

using E = ExpectationsModel;
using R = RejectedModel;

// Why no row is listed: not every expectation sets its rows aside.
EmptyWords noRowsOf(const QString& onFail) {
  if (onFail == "warn") return {QualityPage::tr("It lets its rows pass"), QualityPage::tr("They are counted and stand in the table as any other. With on_fail: quarantine they would be listed here")};
  if (onFail == "drop") return {QualityPage::tr("It drops its rows"), QualityPage::tr("They are counted and kept nowhere but in what was landed before. With on_fail: quarantine they would be listed here")};
  if (onFail == "fail") return {QualityPage::tr("It stops the pipeline"), QualityPage::tr("The first row that fails it ends the epoch, and the pipeline says which row that was")};
  return {QualityPage::tr("No row waits here"), QualityPage::tr("Rows that fail this expectation from now on appear by themselves")};
}

// What became of rows that failed in the last 15 minutes.
struct Fates {
  qint64 setAside = 0;
  qint64 dropped = 0;
  qint64 passed = 0;

  void add(const ExpectationState& state) {
    (state.onFail == "warn" ? passed : state.onFail == "drop" ? dropped : setAside) += state.failedRecently;
  }
  QString words() const {
    QStringList parts;
    if (setAside > 0) parts << QualityPage::tr("%1 set aside").arg(grouped(setAside));
    if (dropped > 0) parts << QualityPage::tr("%1 dropped").arg(grouped(dropped));
    if (passed > 0) parts << QualityPage::tr("%1 let pass").arg(grouped(passed));
    return parts.isEmpty() ? QualityPage::tr("no failing row") : parts.join(QStringLiteral(", "));
  }
};

QWidget* padded(QLayout* layout, int left, int top, int right, int bottom) {
  auto* widget = new QWidget;
  layout->setContentsMargins(left, top, right, bottom);
  widget->setLayout(layout);
  return widget;
}

}  // namespace

QualityPage::QualityPage(Session& session, QWidget* parent) : Page(session, parent), order_(&session.expectations) {
  split_ = new QSplitter(Qt::Vertical);
  split_->setChildrenCollapsible(false);
  split_->addWidget(makeExpectations());
  split_->addWidget(makeRows());
  split_->setSizes({300, 520});
  side_ = new QSplitter(Qt::Horizontal);
  side_->setChildrenCollapsible(false);
  side_->addWidget(split_);
  side_->addWidget(makeSide());
  side_->setStretchFactor(0, 1);
  side_->setSizes({1000, 340});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(side_);

  connect(expectations_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &QualityPage::showExpectation);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &QualityPage::showRow);
  connect(&rows_, &R::chosenChanged, this, &QualityPage::showChoice);
  connect(&rows_, &R::totalChanged, this, [this] {
    showChoice();
    if (rows_.rowCount() > 0 && std::exchange(arrangedFor_, shownExpectation_) != shownExpectation_) arrangeColumns();
    if (!table_->currentIndex().isValid() && rows_.rowCount() > 0) table_->selectRow(0);
    showRow();
  });
  connect(&rows_, &R::loadingChanged, this, &QualityPage::showRowsState);
  connect(&rows_, &R::problemChanged, this, &QualityPage::showRowsState);
  connect(&rows_, &QAbstractItemModel::columnsInserted, this, &QualityPage::arrangeColumns);
  connect(&rows_, &QAbstractItemModel::dataChanged, this, [this] {
    if (!detail_.journey()) showRow();
  });
  connect(&detail_, &RejectedDetail::changed, this, [this] {
    journey_->show(detail_);
    repair_->refresh(detail_);
  });
  const auto readAgain = [this] {
    failedWhenRead_ = -1;
    rows_.refresh();
    showNews();
  };
  connect(table_, &TableView::applyChangesRequested, this, readAgain);
  connect(repair_, &RepairPanel::redriven, this, [this, readAgain] {
    rows_.chooseAll(false);             // what was chosen is done
    readAgain();
  });
  refreshing_.setInterval(1'000);
  connect(&refreshing_, &QTimer::timeout, this, &QualityPage::refreshHeader);
  refreshing_.start();
  refreshHeader();
  showChoice();
  showRowsState();
  journey_->show(detail_);
}

QWidget* QualityPage::makeExpectations() {
  title_ = new Label({}, Tone::Normal, Label::Font::Heading);
  totals_ = new Label({}, Tone::Dim);
  filter_ = new QLineEdit;
  filter_->setPlaceholderText(tr("Filter  /"));
  filter_->setClearButtonEnabled(true);
  filter_->setFixedWidth(200);
  filter_->setAccessibleName(tr("Filter expectations"));
  connect(filter_, &QLineEdit::textChanged, &order_, &HeldOrder::setText);
  auto* head = new QHBoxLayout;
  head->setSpacing(12);
  head->addWidget(title_);
  totals_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // a narrow window cuts it, and stays narrow
  head->addWidget(totals_, 1);
  head->addWidget(filter_);

  expectations_ = new TableView;
  expectations_->setObjectName(QStringLiteral("expectations"));
  expectations_->setAccessibleName(tr("Expectations"));
  expectations_->setModel(&order_);
  expectations_->setEmptyText(tr("No expectation here"), tr("The filter lets none through, or no step declares any"));
  holdOrder(expectations_, &order_);
  const CellRoles roles = cellRoles();
  expectations_->setItemDelegate(new CellDelegate(roles, expectations_));
  expectations_->setItemDelegateForColumn(E::State, new ShapeDelegate(ShapeRole, roles, expectations_));
  expectations_->setItemDelegateForColumn(E::Trend, new SparklineDelegate(SeriesRole, roles, expectations_));
  QHeaderView* header = expectations_->horizontalHeader();
  for (const auto& [column, width] : {std::pair(E::State, 40), std::pair(E::On, 180), std::pair(E::Engine, 90), std::pair(E::OnFail, 100), std::pair(E::FailingRows, 126), std::pair(E::Now, 66), std::pair(E::Usual, 66), std::pair(E::Trend, 110)})
    header->resizeSection(column, width);
  header->setStretchLastSection(false);
  header->setSectionResizeMode(E::Name, QHeaderView::Stretch);

  auto* layout = new QVBoxLayout;
  layout->setSpacing(10);
  layout->addWidget(padded(head, 20, 14, 20, 0));
  layout->addWidget(expectations_, 1);
  return padded(layout, 0, 0, 0, 0);
}

QWidget* QualityPage::makeRows() {
  rowsTitle_ = new Label({}, Tone::Normal, Label::Font::Strong);
  rowsSql_ = new Label({}, Tone::Dim, Label::Font::Mono);
  rowsSql_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  chosen_ = new Label({}, Tone::Dim);
  chooseAll_ = new Button(tr("Choose all"));
  exportButton_ = new Button(tr("Export CSV"));
  connect(chooseAll_, &Button::clicked, this, [this] { rows_.chooseAll(rows_.chosenCount() < rows_.total()); });
  connect(exportButton_, &Button::clicked, this, &QualityPage::exportRows);
  connect(&export_, &RejectedExport::progressed, this, [this](qint64 rows, qint64 total) { exportButton_->setText(tr("%1 of %2").arg(grouped(rows), grouped(total))); });
  connect(&export_, &RejectedExport::ended, this, [this](qint64 rows, const QString& problem) {
    exportButton_->setText(tr("Export CSV"));
    exportButton_->setToolTip(problem.isEmpty() ? tr("%1 written").arg(counted(rows, tr("row"), tr("rows"))) : problem);
  });
  auto* head = new QHBoxLayout;
  head->setSpacing(metrics::gap);
  head->addWidget(rowsTitle_);
  head->addWidget(rowsSql_, 1);
  head->addWidget(chosen_);
  head->addWidget(chooseAll_);
  head->addWidget(exportButton_);
  head->addWidget(mute_.button());

  table_ = new TableView;
  table_->setObjectName(QStringLiteral("rejected"));
  table_->setAccessibleName(tr("Failing rows"));
  table_->setModel(&rows_);
  table_->setItemDelegate(new CellDelegate(cellRoles(), table_));
  connect(table_, &TableView::toggleRequested, this, [this](const QModelIndex& row) {
    const QModelIndex check = row.siblingAtColumn(R::Chosen);
    rows_.choose(row.row(), check.data(Qt::CheckStateRole).toInt() != Qt::Checked);
  });
  connect(table_, &TableView::overlayActionPressed, &rows_, &R::refresh);
  arrangeColumns();

  auto* layout = new QVBoxLayout;
  layout->setSpacing(metrics::gap);
  layout->addWidget(padded(head, 20, 6, 20, 0));
  auto* sheet = new QVBoxLayout;
  sheet->addWidget(mute_.sheet());
  layout->addWidget(padded(sheet, 20, 0, 20, 0));
  layout->addWidget(table_, 1);
  return padded(layout, 0, 0, 0, 0);
}

QWidget* QualityPage::makeSide() {
  journey_ = new RowJourneyPanel;
  repair_ = new RepairPanel(session, rows_);
  auto* layout = new QVBoxLayout;
  layout->setSpacing(18);
  layout->addWidget(journey_);
  layout->addWidget(repair_);
  layout->addStretch();
  auto* area = new QScrollArea;
  area->setFrameShape(QFrame::NoFrame);
  area->setWidgetResizable(true);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setFocusPolicy(Qt::NoFocus);
  area->setBackgroundRole(QPalette::Base);
  area->setWidget(padded(layout, 16, 14, 16, 16));
  area->widget()->setBackgroundRole(QPalette::Base);
  area->widget()->setAutoFillBackground(true);
  area->setMinimumWidth(300);
  return area;
}

// Where a row came from stands last, behind its values.
void QualityPage::arrangeColumns() {
  QHeaderView* header = table_->horizontalHeader();
  // All rows here failed the same: the reason of each stands in its journey.
  for (const int column : {R::On, R::Status, R::Reason, R::Hop}) table_->setColumnHidden(column, true);
  for (const auto& [column, width] : {std::pair(R::Chosen, 40), std::pair(R::Key, 130), std::pair(R::RejectedAt, 120), std::pair(R::From, 190)})
    header->resizeSection(column, width);
  // Rows' own values come in their own widths; the first page tells them.
  for (int column = R::firstValue; column < header->count(); ++column)
    header->resizeSection(column, std::clamp(std::max(table_->sizeHintForColumn(column), header->sectionSizeHint(column)), narrowestValue, widestValue));
  header->moveSection(header->visualIndex(R::From), header->count() - 1);
}

void QualityPage::open(const Link& link) {
  if (link.object.startsWith(QLatin1String("row/"))) return openRow(session.engineOf(link), link.object.mid(4));
  if (!link.object.isEmpty()) return selectExpectation(link.engine, QString(link.object).replace('/', '\n'));
  if (!expectations_->currentIndex().isValid() && order_.rowCount() > 0) expectations_->selectRow(0);
}

void QualityPage::selectExpectation(const QString& engine, const QString& key) {
  wanted_.clear();
  int source = session.expectations.find(engine, key);
  // "pipeline/expectation" serves where the step does not matter.
  for (int row = 0; source < 0 && row < session.expectations.rowCount(); ++row) {
    const ExpectationState& state = session.expectations.row(row).state;
    if (key == state.pipeline + '\n' + state.name || key == state.name) source = row;
  }
  if (source < 0) {
    wanted_ = engine + '\t' + key;
    return;
  }
  filter_->clear();
  const QModelIndex row = order_.mapFromSource(session.expectations.index(source, 0));
  expectations_->setCurrentIndex(row);
  expectations_->scrollTo(row);
  table_->setFocus();
}

void QualityPage::openRow(Connection* engine, const QString& id) {
  RejectedFilter filter;
  filter.onlyIds = QStringList{id};
  filter.status = QStringLiteral("all");
  filter.stream = id.section('/', 0, 0);
  shownExpectation_.clear();
  rowsTitle_->setText(tr("One row"));
  rowsSql_->setText(id);
  rows_.show(engine, filter);
  repair_->show(engine, filter.stream, {}, {});
}

Link QualityPage::here() const {
  const QModelIndex row = expectations_->currentIndex().siblingAtColumn(0);
  return {row.data(EngineRole).toString(), QStringLiteral("quality"), row.data(IdRole).toString().replace('\n', '/'), {}};
}

void QualityPage::showExpectation() {
  const QModelIndex row = expectations_->currentIndex().siblingAtColumn(0);
  if (!row.isValid()) return;
  const QString engine = row.data(EngineRole).toString();
  const QString shown = engine + '\t' + row.data(IdRole).toString();
  if (shown == shownExpectation_) return;
  shownExpectation_ = shown;
  Connection* connection = session.fleet.find(engine);
  const QString pipeline = row.data(E::PipelineRole).toString();
  const QString name = row.data(E::NameRole).toString();
  const QString sql = row.data(E::SqlRole).toString();
  rowsTitle_->setText(name);
  rowsSql_->setText(sql);
  rowsSql_->setToolTip(sql);
  RejectedFilter filter;
  filter.stream = pipeline;
  filter.expectation = name;
  rows_.show(connection, filter);
  failedWhenRead_ = -1;
  detail_.showRow(nullptr, {});
  repair_->show(connection, pipeline, name, sql);
  mute_.show(connection, {pipeline, row.data(E::StepRole).toString(), name});
  session.done(QStringLiteral("rows"));
}

void QualityPage::showRowsState() {
  const EmptyWords none = noRowsOf(shownExpectation_.isEmpty() ? QString() : expectations_->currentIndex().siblingAtColumn(0).data(E::OnFailRole).toString());
  table_->setEmptyText(none.title, none.hint);
  if (rows_.isLoading()) table_->setLoading(tr("Reading the failing rows"));
  else if (!rows_.problem().isEmpty()) table_->setError(tr("The rows could not be read"), rows_.problem(), tr("Try again"));
  else table_->setReady();
}

void QualityPage::showRow() {
  const QModelIndex current = table_->currentIndex();
  const RejectedRow* row = current.isValid() ? rows_.rowAt(current.row()) : nullptr;
  if (row && detail_.journey() && detail_.journey()->row.id == row->id) return;
  detail_.showRow(rows_.engine(), row ? row->id : QString());
}

void QualityPage::showChoice() {
  const qint64 chosen = rows_.chosenCount();
  chosen_->setText(tr("%1 of %2 chosen").arg(grouped(chosen), grouped(rows_.total())));
  chooseAll_->setText(chosen > 0 && chosen == rows_.total() ? tr("Choose none") : tr("Choose all"));
  chooseAll_->setEnabled(rows_.total() > 0);
  exportButton_->setEnabled(rows_.total() > 0);
  detail_.showChoice(rows_.engine(), chosen > 0 ? rows_.chosen() : rows_.filter(), chosen > 0 ? chosen : rows_.total());
}

// Rows that have failed since the list was read. They come in when they are asked for: no row moves under the pointer.
void QualityPage::showNews() {
  const QModelIndex row = expectations_->currentIndex().siblingAtColumn(0);
  const Connection* engine = rows_.engine();
  const auto known = engine ? engine->picture().expectations.constFind(row.data(IdRole).toString()) : QHash<QString, ExpectationState>::const_iterator();
  const bool isShown = engine && known != engine->picture().expectations.constEnd() && shownExpectation_ == engine->name() + '\t' + row.data(IdRole).toString();
  const qint64 failed = isShown ? known->failed : 0;
  if (failedWhenRead_ < 0 && isShown && !rows_.isLoading()) failedWhenRead_ = failed;
  news_ = isShown && failedWhenRead_ >= 0 ? std::max<qint64>(0, failed - failedWhenRead_) : 0;
  table_->setPendingChanges(static_cast<int>(std::min<qint64>(news_, std::numeric_limits<int>::max())));
  repair_->setNews(news_);
}

void QualityPage::refreshHeader() {
  mute_.refresh();
  showNews();
  int beyond = 0;
  int muted = 0;
  int drifted = 0;
  Fates fates;
  for (int row = 0; row < session.expectations.rowCount(); ++row) {
    const QModelIndex index = session.expectations.index(row, 0);
    const int shape = index.data(ShapeRole).toInt();
    const bool wrong = shape == mark::Warning || shape == mark::Failing;
    const bool drift = session.expectations.row(row).state.onFail == "drift";
    beyond += wrong && !drift;
    drifted += wrong && drift;
    muted += isKnown(session.expectations.row(row).state.mutedAt);
    if (!drift) fates.add(session.expectations.row(row).state);         // rows that drifted are in their table
  }
  const int all = session.expectations.rowCount();
  expectations_->setColumnHidden(E::Engine, session.fleet.size() < 2);
  showWaiting(expectations_, session);
  title_->setText(session.isWaiting() ? tr("Waiting for the first report") : all == 0 ? tr("No expectation has been reported") : beyond == 0 ? tr("All expectations hold") : tr("%1 beyond the usual rate").arg(counted(beyond, tr("expectation fails"), tr("expectations fail"))));
  totals_->setText(tr("in 15 min: %1 · %2 of %3 shown").arg(fates.words()).arg(order_.rowCount()).arg(all) + (drifted > 0 ? tr(" · %1 drifted").arg(drifted) : QString()) +
                   (muted > 0 ? tr(" · %1 muted").arg(muted) : QString()));
  if (!wanted_.isEmpty()) selectExpectation(wanted_.section('\t', 0, 0), wanted_.section('\t', 1));
  else if (isVisible() && !expectations_->currentIndex().isValid() && shownExpectation_.isEmpty() && rows_.total() == 0 && order_.rowCount() > 0) expectations_->selectRow(0);
}

void QualityPage::exportRows() {
  auto* dialog = new QFileDialog(this, tr("Export the failing rows"), rowsTitle_->text() + QStringLiteral(".csv"), QStringLiteral("CSV (*.csv)"));
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    export_.start(rows_.engine(), rows_.chosenCount() > 0 ? rows_.chosen() : rows_.filter(), path);
  });
  dialog->open();
}

QJsonObject QualityPage::layoutState() const {
  return {{QStringLiteral("expectations"), columnState(expectations_)}, {QStringLiteral("filter"), filter_->text()},
          {QStringLiteral("split"), QString::fromLatin1(split_->saveState().toBase64())}, {QStringLiteral("side"), QString::fromLatin1(side_->saveState().toBase64())}};
}

void QualityPage::restoreLayoutState(const QJsonObject& state) {
  restoreColumnState(expectations_, state.value(QStringLiteral("expectations")).toObject());
  filter_->setText(state.value(QStringLiteral("filter")).toString());
  split_->restoreState(QByteArray::fromBase64(state.value(QStringLiteral("split")).toString().toLatin1()));
  side_->restoreState(QByteArray::fromBase64(state.value(QStringLiteral("side")).toString().toLatin1()));
}

QWidget* QualityPage::firstFocus() { return expectations_; }

void QualityPage::focusFilter() { filter_->setFocus(); }

bool QualityPage::isReady() const { return order_.rowCount() > 0 && !rows_.isLoading() && rows_.engine(); }

}  // namespace penstock::ui
