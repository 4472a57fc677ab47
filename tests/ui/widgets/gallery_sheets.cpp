#include "gallery_sheets.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QProgressBar>
#include <QRadioButton>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

#include "widgets/attention_card.h"
#include "widgets/button.h"
#include "widgets/graph_view.h"
#include "widgets/inline_sheet.h"
#include "widgets/label.h"
#include "widgets/log_view.h"
#include "widgets/mark_delegates.h"
#include "widgets/state_shape.h"
#include "widgets/status_band.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"
#include "widgets/time_chart.h"
#include "widgets/trend_chart.h"

using namespace penstock::ui;

namespace {

enum SheetRole { ToneRole = Qt::UserRole + 1, MonoRole, StaleRole, LoadingRole, ShapeRole, SeriesRole, ObjectiveRole, HistoryRole };

constexpr CellRoles roles{.tone = ToneRole, .mono = MonoRole, .stale = StaleRole, .loading = LoadingRole};

QStandardItem* text(const QString& value, Tone tone = Tone::Normal) {
  auto* item = new QStandardItem(value);
  item->setData(static_cast<int>(tone), ToneRole);
  return item;
}

QStandardItem* number(const QString& value, Tone tone = Tone::Normal) {
  QStandardItem* item = text(value, tone);
  item->setData(static_cast<int>(Qt::AlignRight | Qt::AlignVCenter), Qt::TextAlignmentRole);
  return item;
}

QStandardItem* mark(int role, const QVariant& value, Tone tone = Tone::Normal) {
  QStandardItem* item = text({}, tone);
  item->setData(value, role);
  return item;
}

QList<double> wave(int seed, bool drops) {
  QList<double> values;
  for (int i = 0; i < 60; ++i)
    values << (drops && i > 42 ? 2 + i % 3 : 100 + 12 * std::sin(i * 0.9 + seed) + 9 * std::sin(i * 2.3 * seed));
  return values;
}

QStandardItemModel* pipelines(QObject* parent) {
  auto* model = new QStandardItemModel(0, 11, parent);
  const double stuck = std::numeric_limits<double>::infinity();
  struct Row { const char* name; StateShape shape; const char* rate; const char* behind; const char* p50; const char* p99; double ratio; const char* failing; QList<int> history; bool stale; };
  const QList<int> fine{1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const QList<Row> rows{
      {"loyalty", StateShape::Failing, "0", "4 m 12 s", "–", "stuck", stuck, "0", {1, 1, 1, 1, 1, 1, 2, 3, 3, 3}, false},
      {"sales", StateShape::Warning, "12,480", "0.2 s", "31", "64", 0.64, "1,204", {1, 1, 1, 1, 1, 1, 1, 2, 2, 2}, false},
      {"inventory", StateShape::Ok, "8,112", "0.1 s", "22", "41", 0.41, "0", fine, false},
      {"ecommerce_orders", StateShape::Ok, "3,907", "0.1 s", "19", "138", 1.38, "2", fine, false},
      {"nightly_pricing", StateShape::Running, "job", "–", "–", "–", NAN, "0", {1, 1, 1, 1, 1, 1, 1, 1, 1, 0}, false},
      {"supplier_edi", StateShape::Idle, "paused", "0", "–", "–", NAN, "0", {1, 1, 1, 1, 1, 0, 0, 0, 0, 0}, false},
      {"web_clicks", StateShape::Ok, "41,900", "0.4 s", "35", "79", 0.79, "14", fine, true}};
  int seed = 1;
  for (const Row& row : rows) {
    const bool bad = row.shape == StateShape::Failing;
    QList<QStandardItem*> items{
        mark(ShapeRole, static_cast<int>(row.shape)), text(row.name), text("retail-uk", Tone::Dim), number(row.rate),
        mark(SeriesRole, QVariant::fromValue(wave(seed++, bad)), bad ? Tone::Failing : Tone::Dim), number(row.behind),
        number(row.p50, Tone::Dim), number(row.p99, bad ? Tone::Failing : Tone::Normal), mark(ObjectiveRole, row.ratio),
        number(row.failing, QString(row.failing) == "1,204" ? Tone::Warning : Tone::Dim),
        mark(HistoryRole, QVariant::fromValue(row.history))};
    for (QStandardItem* item : items) item->setData(row.stale, StaleRole);
    model->appendRow(items);
  }
  model->setHorizontalHeaderLabels({"", "Pipeline", "Tenant", "Rows/s", "Last 15 min", "Behind", "p50 ms", "p99 ms", "p99 against objective", "Failing rows", "Last 10 min"});
  for (const int column : {3, 5, 6, 7, 9})
    model->setHeaderData(column, Qt::Horizontal, static_cast<int>(Qt::AlignRight | Qt::AlignVCenter), Qt::TextAlignmentRole);
  return model;
}

QWidget* tableSheet() {
  auto* table = new TableView;
  table->setModel(pipelines(table));
  table->setItemDelegate(new CellDelegate(roles, table));
  table->setItemDelegateForColumn(0, new ShapeDelegate(ShapeRole, roles, table));
  table->setItemDelegateForColumn(4, new SparklineDelegate(SeriesRole, roles, table));
  table->setItemDelegateForColumn(8, new ObjectiveDelegate(ObjectiveRole, roles, table));
  table->setItemDelegateForColumn(10, new HistoryDelegate(HistoryRole, roles, table));
  const QList<int> widths{36, 170, 110, 80, 140, 90, 70, 70, 160, 100, 120};
  for (int i = 0; i < widths.size(); ++i) table->setColumnWidth(i, widths[i]);
  table->selectRow(0);
  table->setPendingChanges(3);
  table->setSortingEnabled(false);
  table->resize(1180, 340);
  return table;
}

QWidget* emptyTableSheet() {
  auto* table = new TableView;
  auto* model = new QStandardItemModel(0, 3, table);
  model->setHorizontalHeaderLabels({"Pipeline", "Tenant", "Rows/s"});
  table->setModel(model);
  table->setError("The engine uk-2 does not answer", "It was last heard 14:05:12 UTC, 27 min ago. Penstock keeps trying; the other engines go on.", "Show its log");
  table->resize(700, 300);
  return table;
}

QWidget* controlsSheet() {
  auto* sheet = new QWidget;
  auto* grid = new QGridLayout(sheet);
  grid->setContentsMargins(16, 16, 16, 16);
  grid->setSpacing(12);
  int row = 0;
  const auto add = [&](const QString& title, const QList<QWidget*>& widgets) {
    grid->addWidget(new Label(title, Tone::Dim, Label::Font::Small), row, 0);
    int column = 1;
    for (QWidget* widget : widgets) grid->addWidget(widget, row, column++, Qt::AlignLeft | Qt::AlignVCenter);
    ++row;
  };
  auto* disabled = new Button("Disabled");
  disabled->setEnabled(false);
  add("Buttons", {new Button("Reset and replay the gap", Button::Kind::Primary), new Button("Logs"),
                  new Button("Discard 12 rows", Button::Kind::Destroys), new Button("Copy link", Button::Kind::Link), disabled});
  auto* edit = new QLineEdit("store_id IN (118, 119)");
  auto* hint = new QLineEdit;
  hint->setPlaceholderText("Search pipelines, tables, pods, actions…");
  hint->setMinimumWidth(260);
  auto* combo = new QComboBox;
  combo->addItems({"All tenants", "retail-uk"});
  auto* spin = new QSpinBox;
  spin->setSuffix(" rows/s");
  spin->setRange(0, 100000);
  spin->setValue(2000);
  add("Fields", {edit, hint, combo, spin});
  auto* checked = new QCheckBox("Include sinks that send again");
  checked->setChecked(true);
  auto* partly = new QCheckBox("All but 3");
  partly->setTristate(true);
  partly->setCheckState(Qt::PartiallyChecked);
  auto* radio = new QRadioButton("UTC");
  radio->setChecked(true);
  add("Choices", {checked, new QCheckBox("Off"), partly, radio, new QRadioButton("Local")});
  auto* bar = new QProgressBar;
  bar->setValue(62);
  bar->setMinimumWidth(200);
  auto* busy = new QProgressBar;
  busy->setRange(0, 0);
  busy->setMinimumWidth(200);
  auto* tabs = new QTabBar;
  tabs->addTab("Dead letters");
  tabs->addTab("Quarantine");
  auto* tool = new QToolButton;
  tool->setText("Columns");
  tool->setCheckable(true);
  tool->setChecked(true);
  add("Others", {bar, busy, tabs, tool});
  add("Text", {new Label("2 things need you", Tone::Normal, Label::Font::Heading), new Label("No epoch closed since 14:27:55", Tone::Dim),
               new Label("pos.sales/3 @ 88120394", Tone::Dim, Label::Font::Mono), new Label("1,204", Tone::Warning), new Label("stuck", Tone::Failing, Label::Font::Strong)});
  edit->setFocus();
  return sheet;
}

ActionSummary resetSummary() {
  ActionSummary summary;
  summary.title = "Reset loyalty-2 and replay the gap";
  summary.environment = "PRODUCTION uk";
  summary.environmentColor = Theme::of(nullptr).warning;
  summary.facts = {{"Target", "pod loyalty-2, pipeline loyalty"}, {"Rows", "182,400 wait, read again from 88,120,394"},
                   {"Sinks", "gold.redemption replaces · ops.velocity replaces"}, {"Takes", "about 40 s"}};
  summary.cannotBeUndone = "A reset cannot be undone. Nothing is lost: the state of 14:27:55 is sound.";
  summary.why = "loyalty-2 is stuck since 14:27:55";
  summary.runText = "Reset and replay";
  return summary;
}

QWidget* sheetSheet() {
  auto* sheet = new QWidget;
  auto* layout = new QVBoxLayout(sheet);
  layout->setSpacing(12);
  auto* asking = new InlineSheet;
  auto* running = new InlineSheet;
  auto* finished = new InlineSheet;
  auto* failed = new InlineSheet;
  for (InlineSheet* one : {asking, running, finished, failed}) {
    layout->addWidget(one);
    one->ask(resetSummary());
  }
  running->progress(0.4, "72,960 of 182,400 rows · 24 s left", true);
  finished->finish("Resumed at 88,120,394 · 182,400 of 182,400 rows · 0 lost · 0 doubled", "Undo");
  failed->fail("The state changed: loyalty is running, not stuck", "Nothing was done. Look again before you reset.");
  layout->addStretch();
  sheet->resize(640, 620);
  asking->ask(resetSummary());
  return sheet;
}

QWidget* cardsSheet() {
  auto* sheet = new QWidget;
  auto* layout = new QVBoxLayout(sheet);
  auto* row = new QHBoxLayout;
  row->setSpacing(14);
  auto* first = new AttentionCard;
  first->setText({"a", StateShape::Failing, "loyalty-2 is stuck", "4 m 12 s", "Holds back 3 tables, 2 dashboards · fraud features 4 m late",
                  "No epoch closed since 14:27:55 · answers · 182,400 rows wait · changed before: sales v41 applied 14:26",
                  {{"reset", "Reset and replay the gap"}, {"logs", "Logs"}, {"ack", "Acknowledge"}}});
  auto* second = new AttentionCard;
  second->setText({"b", StateShape::Warning, "known_store fails 3.1 % of sales", "11 m", "1,204 rows in quarantine · usual rate 0.02 %",
                   "All from till software 8.2 in stores 118–131 · first bad row 14:21:02",
                   {{"rows", "Show the rows"}, {"up", "Follow upstream"}, {"assign", "Assign"}}});
  row->addWidget(first);
  row->addWidget(second);
  layout->addLayout(row);
  layout->addStretch();
  auto* band = new StatusBand;
  band->setSummary(StateShape::Ok, "3 of 3 engines live · slowest 180 ms behind");
  band->setWork({{"r", "Replay sales 13:50–14:05", 0.62, "41,200 rows/s · 1 m 10 s left"}});
  band->setHint("L live or paused · / filter · ? keys");
  layout->addWidget(band);
  sheet->resize(1180, 240);
  return sheet;
}

QWidget* chartsSheet() {
  constexpr qint64 second = 1'000'000;
  const auto latency = [](const QString& label, TimeSeries::Voice voice, double base) {
    TimeSeries series{label, voice};
    for (int i = 0; i < 3600; ++i) {
      if (i > 2000 && i < 2200) continue;
      series.at << i * second;
      series.value << base * (1 + 0.25 * std::sin(i * 0.013) + 0.2 * std::sin(i * 1.7) * std::sin(i * 0.37) + (i > 3000 ? 1.1 : 0));
    }
    return series;
  };
  auto* sheet = new QWidget;
  auto* layout = new QVBoxLayout(sheet);
  auto* chart = new TimeChart;
  chart->setTitle("sales: source event → queryable");
  chart->setValueText([](double value) { return QString("%1 ms").arg(value, 0, 'f', value < 10 ? 1 : 0); });
  chart->setObjective(100);
  chart->setRange(0, 3600 * second);
  chart->setSeries({latency("p99", TimeSeries::Voice::Main, 64), latency("p50", TimeSeries::Voice::Second, 31), latency("p99.9", TimeSeries::Voice::Third, 90)});
  auto* trend = new TrendChart;
  trend->setBars("Failing rows, last hour", {"-60 m", "", "", "", "", "-30 m", "", "", "", "", "now"}, {0, 0, 1, 0, 0, 2, 0, 14, 300, 420, 470});
  layout->addWidget(chart, 1);
  layout->addWidget(trend, 1);
  sheet->resize(900, 480);
  return sheet;
}

QWidget* logSheet() {
  auto* log = new LogView;
  QList<LogLine> lines;
  for (int i = 0; i < 40; ++i)
    lines << LogLine{1'700'000'000'000'000 + i * 731'000, i % 11 == 5 ? LogLevel::Error : i % 7 == 3 ? LogLevel::Warning : LogLevel::Info,
                     i % 2 ? "loyalty-2" : "shared-0", QString("epoch %1 closed · 12,480 rows · 31 ms").arg(4100 + i)};
  log->append(lines);
  log->findChild<QLineEdit*>()->setText("12,480");
  log->resize(900, 320);
  return log;
}

QWidget* graphSheet() {
  Graph graph;
  graph.groups = {"Sources", "Bronze", "Silver", "Gold", "Sinks"};
  const auto add = [&](const char* id, const char* technology, const char* value, int group, StateShape shape = StateShape::Ok, const char* reason = "") {
    graph.nodes.push_back({id, id, technology, value, reason, shape, group, {"store_id", "sku", "qty"}});
  };
  add("pos.sales", "Kafka", "12.5k/s", 0);
  add("pos.returns", "Kafka", "610/s", 0);
  add("loyalty", "PostgreSQL", "1.1k/s", 0);
  add("inventory", "Debezium", "8.1k/s", 0);
  add("web.clicks", "Event Hubs", "41.9k/s", 0);
  add("bronze.pos", "Delta", "13.1k/s", 1);
  add("bronze.loyalty", "Delta", "1.1k/s", 1);
  add("bronze.inventory", "Delta", "8.1k/s", 1);
  add("bronze.clicks", "Delta", "41.9k/s", 1);
  add("silver.sales", "stream", "12.1k/s", 2, StateShape::Warning, "1,204 quarantined");
  add("silver.loyalty", "stream", "0/s", 2, StateShape::Failing, "stuck 4 m · 182k wait");
  add("silver.inventory", "stream", "8.1k/s", 2);
  add("silver.sessions", "stream", "3.9k/s", 2);
  add("gold.sales_velocity", "window 1 m", "2.2k/s", 3);
  add("gold.redemption", "window 1 m", "0/s", 3, StateShape::Failing, "4 m late");
  add("gold.stock_position", "join", "8.0k/s", 3);
  add("gold.fraud_features", "score", "12.0k/s", 3, StateShape::Warning, "4 m late in part");
  add("ops.velocity", "PostgreSQL", "2.2k/s", 4);
  add("loyalty board", "dashboard", "–", 4, StateShape::Warning, "reads late data");
  add("stock.position", "Kafka", "8.0k/s", 4);
  const StateShape ok = StateShape::Ok;
  const StateShape bad = StateShape::Failing;
  graph.edges = {{0, 5, "12.5k/s · 1 / 4 ms", ok, 0.4}, {1, 5, "610/s · 1 / 4 ms", ok, 0}, {2, 6, "1.1k/s · 1 / 5 ms", ok, 0.1},
                 {3, 7, "8.1k/s · 2 / 6 ms", ok, 0.3}, {4, 8, "41.9k/s · 1 / 5 ms", ok, 1}, {5, 9, "13.1k/s · 3 / 11 ms", ok, 0.4},
                 {6, 10, "stuck", bad, 0}, {7, 11, "8.1k/s · 4 / 12 ms", ok, 0.3}, {8, 12, "41.9k/s · 4 / 14 ms", ok, 1},
                 {9, 13, "12.1k/s · 6 / 18 ms", ok, 0.4}, {9, 15, "8.1k/s · 5 / 17 ms", ok, 0.3}, {9, 16, "12.1k/s", ok, 0.4}, {10, 14, "–", bad, 0},
                 {10, 16, "–", bad, 0}, {11, 15, "8.1k/s · 5 / 17 ms", ok, 0.3}, {12, 16, "3.9k/s · 9 / 29 ms", ok, 0.2},
                 {13, 17, "2.2k/s · 2 / 6 ms", ok, 0.1}, {14, 18, "–", bad, 0}, {15, 19, "8.0k/s · 2 / 7 ms", ok, 0.3}, {7, 15, "1.0k/s", ok, 0.1}};
  auto* view = new GraphView;
  view->resize(1300, 720);
  QObject::connect(view, &GraphView::laidOut, view, [view] { view->select("silver.loyalty"); });
  view->setGraph(graph);
  return view;
}

}  // namespace

QList<GallerySheet> gallerySheets() {
  return {{"controls", controlsSheet}, {"table", tableSheet}, {"table-empty", emptyTableSheet}, {"sheets", sheetSheet}, {"cards", cardsSheet},
          {"charts", chartsSheet}, {"log", logSheet}, {"graph", graphSheet}};
}
