#include "pages/latency_page.h"

#include <algorithm>
#include <QComboBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QSaveFile>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

#include "pages/columns.h"
#include "pages/fields.h"
#include "pages/latency_drawing.h"
#include "pages/latency_numbers.h"
#include "pages/pinned_charts.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/empty_state.h"
#include "widgets/heat_chart.h"
#include "widgets/label.h"
#include "widgets/mark_delegates.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"
#include "widgets/time_chart.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;
using P = PipelinesModel;

constexpr qint64 dayMicros = 86'400'000'000;

}  // namespace

LatencyPage::LatencyPage(Session& session, QWidget* parent) : Page(session, parent), order_(&session.pipelines) {
  split_ = new QSplitter(Qt::Horizontal);
  split_->setChildrenCollapsible(false);
  split_->addWidget(makeList());
  split_->addWidget(makeCharts());
  split_->setStretchFactor(1, 1);
  split_->setSizes({380, 1100});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(split_);

  connect(list_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &LatencyPage::showSelected);
  connect(&series_, &LatencySeries::chartsChanged, this, &LatencyPage::remakeCharts);
  connect(&series_, &LatencySeries::changed, this, &LatencyPage::showSeries);
  connect(&budget_, &ErrorBudget::changed, this, &LatencyPage::showNumbers);
  connect(&session.pipelines, &QAbstractItemModel::dataChanged, this, &LatencyPage::showNumbers);
  connect(&session.preferences, &Preferences::timeZoneChanged, this, &LatencyPage::showSeries);
  // Pipelines that have not been reported yet when the page is opened.
  waiting_.setInterval(500);
  connect(&waiting_, &QTimer::timeout, this, [this] {
    nameEngines();
    if (!wanted_.isEmpty()) select(wanted_.section('\t', 0, 0), wanted_.section('\t', 1));
    else if (isVisible() && !list_->currentIndex().isValid() && order_.rowCount() > 0) list_->selectRow(0);
  });
  waiting_.start();
  followChosenSpan();
  remakeCharts();
}

QWidget* LatencyPage::makeList() {
  filter_ = new QLineEdit;
  filter_->setPlaceholderText(tr("Filter  /"));
  filter_->setAccessibleName(tr("Filter pipelines"));
  filter_->setClearButtonEnabled(true);
  connect(filter_, &QLineEdit::textChanged, &order_, &HeldOrder::setText);
  list_ = new TableView;
  list_->setAccessibleName(tr("Pipelines"));
  list_->setModel(&order_);
  showEmpty(list_, 0, {tr("No pipeline yet"), {}});
  connect(list_, &TableView::overlayActionPressed, filter_, &QLineEdit::clear);
  connect(filter_, &QLineEdit::textChanged, this, [this] { showEmpty(list_, session.pipelines.rowCount(), {tr("No pipeline yet"), {}}); });
  holdOrder(list_, &order_);
  const CellRoles roles = cellRoles();
  list_->setItemDelegate(new CellDelegate(roles, list_));
  list_->setItemDelegateForColumn(P::State, new ShapeDelegate(ShapeRole, roles, list_));
  list_->setItemDelegateForColumn(P::Objective, new ObjectiveDelegate(ObjectiveRole, roles, list_));
  for (int column = 0; column < order_.columnCount(); ++column) list_->setColumnHidden(column, column != P::State && column != P::Name && column != P::P99);
  nameEngines();
  QHeaderView* header = list_->horizontalHeader();
  header->setStretchLastSection(false);
  for (const auto& [column, width] : {std::pair(P::State, 36), std::pair(P::Engine, 90), std::pair(P::P99, 72), std::pair(P::Objective, 118)}) header->resizeSection(column, width);
  header->setSectionResizeMode(P::Name, QHeaderView::Stretch);
  auto* whole = new QWidget;
  auto* layout = new QVBoxLayout(whole);
  layout->setContentsMargins(0, 12, 0, 0);
  layout->setSpacing(10);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(16, 0, 12, 0);
  top->addWidget(filter_);
  layout->addLayout(top);
  layout->addWidget(list_, 1);
  return whole;
}

QWidget* LatencyPage::makeCharts() {
  title_ = new Label({}, Tone::Normal, Label::Font::Heading);
  rangeText_ = new Label({}, Tone::Dim);
  span_ = new QComboBox;
  span_->setAccessibleName(tr("Range"));
  for (const auto& [text, span] : {std::pair(tr("Last 15 minutes"), Micros(15min)), std::pair(tr("Last hour"), Micros(1h)), std::pair(tr("Last 6 hours"), Micros(6h)), std::pair(tr("Last 24 hours"), Micros(24h)),
                                   std::pair(tr("Last 7 days"), Micros(24h * 7)), std::pair(tr("Last 30 days"), Micros(24h * 30)), std::pair(tr("Last 90 days"), Micros(24h * 90))})
    span_->addItem(text, QVariant::fromValue<qlonglong>(span.count()));
  yesterday_ = new Button(tr("Compare with yesterday"));
  yesterday_->setCheckable(true);
  live_ = new Button(tr("Back to live"), Button::Kind::Primary);
  auto* picture = new Button(tr("Export PNG"));
  auto* table = new Button(tr("Export CSV"));
  connect(span_, &QComboBox::currentIndexChanged, this, &LatencyPage::followChosenSpan);
  connect(yesterday_, &Button::toggled, &series_, &LatencySeries::compare);
  connect(live_, &Button::clicked, this, &LatencyPage::followChosenSpan);
  connect(picture, &Button::clicked, this, [this] { exportTo(true); });
  connect(table, &Button::clicked, this, [this] { exportTo(false); });
  auto* head = new QHBoxLayout;
  head->setContentsMargins(16, 12, 20, 0);
  head->setSpacing(metrics::gap);
  head->addWidget(title_);
  head->addWidget(rangeText_);
  head->addStretch();
  for (QWidget* widget : {static_cast<QWidget*>(live_), static_cast<QWidget*>(span_), static_cast<QWidget*>(yesterday_), static_cast<QWidget*>(picture), static_cast<QWidget*>(table)}) head->addWidget(widget);

  wall_ = new QWidget;
  grid_ = new QGridLayout(wall_);
  grid_->setContentsMargins(16, 0, 20, 16);
  grid_->setSpacing(12);
  grid_->setColumnStretch(0, 1);
  grid_->setColumnStretch(1, 1);
  area_ = new QScrollArea;
  area_->setFrameShape(QFrame::NoFrame);
  area_->setWidgetResizable(true);
  area_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area_->setFocusPolicy(Qt::NoFocus);
  pinned_ = new PinnedCharts(session, [this](TimePlot* plot) { link(plot); });
  drawn_ = new QWidget;
  auto* drawn = new QVBoxLayout(drawn_);
  drawn->setContentsMargins(0, 0, 0, 0);
  drawn->setSpacing(12);
  drawn->addWidget(pinned_);
  drawn->addWidget(wall_, 1);
  area_->setWidget(drawn_);
  empty_ = new EmptyState;
  auto* whole = new QWidget;
  auto* layout = new QVBoxLayout(whole);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(12);
  layout->addLayout(head);
  numbers_ = new NumberStrip;
  auto* strip = new QHBoxLayout;
  strip->setContentsMargins(28, 0, 32, 0);
  strip->addWidget(numbers_);
  layout->addLayout(strip);
  layout->addWidget(empty_, 1);
  layout->addWidget(area_, 1);
  return whole;
}

// Beside the engine's name there is no room for the objective; p99 has its colour where it misses it.
void LatencyPage::nameEngines() {
  const bool severalEngines = session.fleet.size() > 1;
  list_->setColumnHidden(P::Engine, !severalEngines);
  list_->setColumnHidden(P::Objective, severalEngines);
}

void LatencyPage::showSelected() {
  const QModelIndex row = list_->currentIndex().siblingAtColumn(0);
  if (!row.isValid()) return;
  const QString pipeline = row.data(IdRole).toString();
  Connection* engine = session.fleet.find(row.data(EngineRole).toString());
  if (engine == series_.engine() && pipeline == series_.pipeline()) return;
  series_.show(engine, pipeline);
  budget_.show(engine, pipeline);
}

void LatencyPage::remakeCharts() {
  qDeleteAll(charts_);
  qDeleteAll(heats_);
  charts_.clear();
  heats_.clear();
  const bool any = !series_.charts().empty();
  numbers_->setVisible(any);
  title_->setText(series_.pipeline());
  area_->setVisible(any);
  empty_->setVisible(!any);
  if (!any) empty_->show(tr("No pipeline is selected"), tr("Select one at the left to see how long its rows take."));
  for (const LatencySeries::Chart& spec : series_.charts()) {
    TimeChart* chart = newChart(spec, spec.title);
    link(chart);
    const int place = static_cast<int>(charts_.size());
    // The first is what the objective is about: it takes the whole width.
    if (place == 0) grid_->addWidget(chart, 0, 0, 1, 2);
    else grid_->addWidget(chart, (place + 1) / 2, (place + 1) % 2);
    charts_ << chart;
    pinned_->offer(chart, series_.engine()->name(), series_.pipeline());
  }
  // Whole lines of their own, below the others.
  int line = static_cast<int>(charts_.size()) / 2 + 1;
  for (const LatencySeries::Heat& spec : series_.heats()) {
    auto* heat = new HeatChart;
    heat->setTitle(spec.title);
    heat->setValueText([unit = spec.unit](double value) { return chartValueText(unit, value); });
    link(heat);
    grid_->addWidget(heat, line++, 0, 1, 2);
    heats_ << heat;
  }
  // At once: otherwise the first frame shows them squeezed into the height that the wall had before.
  for (QWidget* plot : wall_->findChildren<QWidget*>(Qt::FindDirectChildrenOnly)) plot->show();
  grid_->activate();
  drawn_->layout()->activate();
  drawn_->resize(drawn_->width(), std::max(drawn_->minimumSizeHint().height(), area_->viewport()->height()));
  showSeries();
  showNumbers();
}

void LatencyPage::link(TimePlot* plot) {
  connect(plot, &TimePlot::rangeChosen, this, [this](qint64 from, qint64 to) { showPast(instantOf(from), instantOf(to)); });
  connect(plot, &TimePlot::rangeReset, this, &LatencyPage::followChosenSpan);
  connect(plot, &TimePlot::cursorMoved, this, [this](std::optional<qint64> time) {
    for (TimeChart* other : charts_) other->setCursorTime(time);
    pinned_->setCursorTime(time);
    for (HeatChart* other : heats_) other->setCursorTime(time);
  });
}

void LatencyPage::showSeries() {
  for (int i = 0; i < charts_.size(); ++i) {
    const LatencySeries::Chart& spec = series_.charts()[static_cast<size_t>(i)];
    QList<TimeSeries> lines;
    for (const LatencySeries::Line& line : spec.lines) lines << drawnSeries(series_.find(line.series), line.label, static_cast<TimeSeries::Voice>(line.voice), 0, spec.isComplement);
    if (series_.comparesWithYesterday())
      lines << drawnSeries(series_.findYesterday(spec.lines.front().series), tr("%1 yesterday").arg(spec.lines.front().label), TimeSeries::Voice::Earlier, dayMicros, spec.isComplement);
    charts_[i]->setLocalTime(session.timeZone() == TimeZone::Local);
    charts_[i]->setRange(microsOf(series_.from()), microsOf(series_.to()));
    charts_[i]->setMessage(series_.isLoading() ? tr("Reading") : series_.problem());
    charts_[i]->setSeries(lines);
  }
  showHeats();
  showRange();
}

void LatencyPage::showHeats() {
  for (int i = 0; i < heats_.size(); ++i) {
    const LatencySeries::Heat& spec = series_.heats()[static_cast<size_t>(i)];
    QList<TimeSeries> rows;
    for (const LatencySeries::HeatRow& row : series_.rowsOf(spec)) rows << drawnSeries(row.series, row.partition, TimeSeries::Voice::Main, 0);
    heats_[i]->setLocalTime(session.timeZone() == TimeZone::Local);
    heats_[i]->setRange(microsOf(series_.from()), microsOf(series_.to()));
    heats_[i]->setMessage(!rows.isEmpty() ? QString() : series_.isLoading() ? tr("Reading") : series_.problem().isEmpty() ? tr("Nothing is known of its partitions in this range") : series_.problem());
    heats_[i]->setNote(!rows.isEmpty() && rows.size() < spec.partitions ? tr("the first %1 of %2").arg(rows.size()).arg(counted(spec.partitions, tr("partition"), tr("partitions"))) : QString());
    heats_[i]->setRows(rows, tr("partition"));
  }
}

void LatencyPage::showNumbers() {
  const int row = series_.engine() ? session.pipelines.find(series_.engine()->name(), series_.pipeline()) : -1;
  if (row >= 0) numbers_->setNumbers(latencyNumbers(session.pipelines.row(row).state, budget_, session.timeZone()));
}

void LatencyPage::showRange() {
  live_->setVisible(!series_.isLive());
  const qint64 shown = static_cast<qint64>(series_.charts().size() + series_.heats().size());
  QString text = shown == 0 ? QString() : counted(shown, tr("chart"), tr("charts"));
  if (!series_.isLive()) text = tr("You see %1, %2 ago · ").arg(timeOfDay(series_.to(), session.timeZone()), duration(wallClockNow() - series_.to())) + text;
  rangeText_->setText(text);
}

void LatencyPage::followChosenSpan() {
  const Micros span(span_->currentData().toLongLong());
  series_.follow(span);
  pinned_->follow(span);
}

void LatencyPage::showPast(Instant from, Instant to) {
  series_.showPast(from, to);
  pinned_->showPast(from, to);
}

void LatencyPage::exportTo(bool picture) {
  const QString suffix = picture ? QStringLiteral("png") : QStringLiteral("csv");
  auto* dialog = new QFileDialog(this, tr("Export %1").arg(series_.pipeline()), series_.pipeline() + '.' + suffix, QStringLiteral("*.") + suffix);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, [this, picture](const QString& path) {
    QSaveFile file(path);
    bool written = file.open(QIODevice::WriteOnly);
    if (written && picture) written = drawn_->grab().save(&file, "PNG");
    else if (written) written = file.write(series_.csv() + pinned_->csv()) >= 0;
    rangeText_->setText(written && file.commit() ? tr("%1 written").arg(path) : tr("%1 could not be written: %2").arg(path, file.errorString()));
  });
  dialog->open();
}

void LatencyPage::select(const QString& engine, const QString& pipeline) {
  const int source = session.pipelines.find(engine, pipeline);
  wanted_ = source < 0 ? engine + '\t' + pipeline : QString();
  if (source < 0) return;
  filter_->clear();
  const QModelIndex row = order_.mapFromSource(session.pipelines.index(source, 0));
  list_->setCurrentIndex(row);
  list_->scrollTo(row);
}

void LatencyPage::open(const Link& link) {
  if (!link.object.isEmpty()) select(link.engine, link.object);
  if (link.at) showPast(*link.at - 15min, *link.at);
  else if (!series_.isLive()) followChosenSpan();
}

Link LatencyPage::here() const {
  return {series_.engine() ? series_.engine()->name() : QString(), QStringLiteral("latency"), series_.pipeline(), series_.isLive() ? std::nullopt : std::optional(series_.to())};
}

QJsonObject LatencyPage::layoutState() const {
  return {{QStringLiteral("split"), QString::fromLatin1(split_->saveState().toBase64())}, {QStringLiteral("span"), span_->currentIndex()}, {QStringLiteral("yesterday"), yesterday_->isChecked()},
          {QStringLiteral("pinned"), pinned_->state()}, {QStringLiteral("fields"), fieldsState({filter_})}};
}

void LatencyPage::restoreLayoutState(const QJsonObject& state) {
  split_->restoreState(QByteArray::fromBase64(state.value(QStringLiteral("split")).toString().toLatin1()));
  span_->setCurrentIndex(qBound(0, state.value(QStringLiteral("span")).toInt(), span_->count() - 1));
  yesterday_->setChecked(state.value(QStringLiteral("yesterday")).toBool());
  pinned_->restore(state.value(QStringLiteral("pinned")).toArray());
  restoreFields({filter_}, state.value(QStringLiteral("fields")).toObject());
}

QWidget* LatencyPage::firstFocus() { return list_; }

void LatencyPage::focusFilter() { filter_->setFocus(); }

bool LatencyPage::isReady() const { return !charts_.isEmpty() && !series_.isLoading(); }

}  // namespace penstock::ui
