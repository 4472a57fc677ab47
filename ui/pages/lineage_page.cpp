#include "pages/lineage_page.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <map>

#include "pages/node_detail.h"
#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/empty_state.h"
#include "widgets/graph_tree.h"
#include "widgets/graph_view.h"
#include "widgets/label.h"
#include "widgets/theme.h"
#include "widgets/time_strip.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;
using Focus = GraphView::Focus;

constexpr auto stripSpan = 2h;
constexpr int mostRateSeries = 200;   // of pipelines, summed up for the strip

QString rateText(double rowsPerSecond) { return shortNumber(rowsPerSecond) + QStringLiteral("/s"); }

// Where rows are put aside; leads nowhere.
bool holdsRejected(const LineageNode& node) { return node.kind == "quarantine" || node.kind == "dead_letters"; }

// The table that each step lands in, where it is the only one and feeds nothing else; -1: none. Such a pair is one box.
std::vector<int> landedTables(const LineageModel& model) {
  const size_t count = model.nodes().size();
  std::vector<int> table(count, -1), tables(count, 0), fedBy(count, 0), feeds(count, 0);
  for (const LineageModel::Edge& edge : model.edges()) {
    ++fedBy[static_cast<size_t>(edge.to)];
    ++feeds[static_cast<size_t>(edge.from)];
  }
  for (const LineageModel::Edge& edge : model.edges()) {
    const auto from = static_cast<size_t>(edge.from), to = static_cast<size_t>(edge.to);
    if (model.nodes()[from].node.kind != "step" || model.nodes()[to].node.kind != "table" || fedBy[to] != 1 || feeds[to] != 0) continue;
    // What comes out of a window is measured behind it: that edge must be seen.
    const QString& technology = model.nodes()[from].node.technology;
    if (technology.startsWith(QLatin1String("window")) || technology.startsWith(QLatin1String("session"))) continue;
    ++tables[from];
    table[from] = edge.to;
  }
  for (size_t step = 0; step < count; ++step)
    if (tables[step] != 1) table[step] = -1;
  return table;
}

Graph graphOf(const LineageModel& model, bool withRejected, bool withTables) {
  Graph graph;
  const std::vector<int> landed = withTables ? std::vector<int>(model.nodes().size(), -1) : landedTables(model);
  std::vector<bool> merged(model.nodes().size());
  for (const int table : landed)
    if (table >= 0) merged[static_cast<size_t>(table)] = true;
  std::vector<int> places;      // of the model's nodes; -1: left out
  graph.groups = {QObject::tr("Sources"), QObject::tr("Bronze"), QObject::tr("Silver"), QObject::tr("Gold"), QObject::tr("Sinks")};
  for (size_t i = 0; i < model.nodes().size(); ++i) {
    const LineageModel::Node& node = model.nodes()[i];
    const bool shown = (withRejected || !holdsRejected(node.node)) && !merged[i];
    places.push_back(shown ? static_cast<int>(graph.nodes.size()) : -1);
    const LineageNode& named = landed[i] < 0 ? node.node : model.nodes()[static_cast<size_t>(landed[i])].node;
    if (shown)
      graph.nodes.push_back({node.node.id, named.label, named.technology, rateText(node.rowsPerSecond), node.note,
                             static_cast<StateShape>(node.shape), node.node.layer, named.columns});
  }
  for (const LineageModel::Edge& edge : model.edges()) {
    const int from = places[static_cast<size_t>(edge.from)];
    const int to = places[static_cast<size_t>(edge.to)];
    if (from >= 0 && to >= 0) graph.edges.push_back({from, to, edge.label, static_cast<StateShape>(edge.shape), 0});
  }
  return graph;
}

// What all pipelines together took in, by the minute: the newest part of a series comes in finer steps than the rest.
TimeSeries sumOf(const std::vector<Series>& all) {
  std::map<qint64, double> sums;
  for (const Series& series : all) {
    std::map<qint64, std::pair<double, int>> minutes;
    for (size_t i = 0; i < series.at.size(); ++i) {
      if (std::isnan(series.value[i])) continue;
      auto& [sum, count] = minutes[series.at[i] / 60'000'000 * 60'000'000];
      sum += series.value[i];
      ++count;
    }
    for (const auto& [at, minute] : minutes) sums[at] += minute.first / minute.second;
  }
  TimeSeries total{QObject::tr("rows/s")};
  for (const auto& [at, value] : sums) {
    total.at << at;
    total.value << value;
  }
  return total;
}

}  // namespace

LineagePage::LineagePage(Session& session, QWidget* parent) : Page(session, parent), history_(model_) {
  detail_ = new NodeDetail(session, model_);
  side_ = new QScrollArea;
  side_->setFrameShape(QFrame::NoFrame);
  side_->setWidgetResizable(true);
  side_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  side_->setFocusPolicy(Qt::NoFocus);
  side_->setMinimumWidth(290);
  side_->setWidget(detail_);
  side_->hide();                // the whole room is the graph's until a node is selected
  detail_->setBackgroundRole(QPalette::Base);
  detail_->setAutoFillBackground(true);
  split_ = new QSplitter(Qt::Horizontal);
  split_->setChildrenCollapsible(false);
  split_->addWidget(makeGraph());
  split_->addWidget(side_);
  split_->setStretchFactor(0, 1);
  split_->setSizes({1000, 330});
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(split_);

  connect(&model_, &LineageModel::graphChanged, this, &LineagePage::showGraph);
  connect(&model_, &LineageModel::liveChanged, this, &LineagePage::showLive);
  connect(&history_, &LineageHistory::changed, this, &LineagePage::showPast);
  connect(&rates_, &SeriesFeed::changed, this, &LineagePage::showStrip);
  connect(view_, &GraphView::laidOut, this, [this] {
    if (!wanted_.isEmpty() && view_->total() > 0) select(std::exchange(wanted_, {}));
  });
  connect(view_, &GraphView::selectionChanged, this, [this](const QString& id) {
    tree_->select(id);
    detail_->show(model_.find(id));
    side_->setVisible(!id.isEmpty());
    upstream_->setEnabled(!id.isEmpty());
    downstream_->setEnabled(!id.isEmpty());
  });
  connect(detail_, &NodeDetail::columnChosen, this, [this](const QStringList& nodes) {
    for (Button* chip : {upstream_, downstream_, wrong_}) chip->setChecked(false);
    view_->setFocusOnNodes(nodes);
  });
  connect(tree_, &GraphTree::nodeSelected, view_, &GraphView::select);
  connect(view_, &GraphView::opened, this, [this](const QString& id) {
    const int node = model_.find(id);
    if (node >= 0) this->session.open({model_.engine()->name(), QStringLiteral("latency"), model_.nodes()[static_cast<size_t>(node)].node.pipeline, {}});
  });
  connect(view_, &GraphView::drawnChanged, this, [this](int drawn) { drawn_->setText(tr("drawn %1 of %2").arg(grouped(drawn), grouped(static_cast<qint64>(model_.nodes().size())))); });
  connect(strip_, &TimeStrip::positionChosen, this, &LineagePage::goTo);
  connect(&session, &Session::engineChanged, this, &LineagePage::showEngine);
  connect(&session.preferences, &Preferences::timeZoneChanged, this, [this] { strip_->setLocalTime(this->session.timeZone() == TimeZone::Local); });
  refreshing_.setInterval(1'000);
  connect(&refreshing_, &QTimer::timeout, this, [this] {
    if (isVisible() && !at_) detail_->refresh();
  });
  refreshing_.start();
  showEngine();
}

QWidget* LineagePage::makeGraph() {
  view_ = new GraphView;
  tree_ = new GraphTree;
  stack_ = new QStackedWidget;
  stack_->addWidget(view_);
  stack_->addWidget(tree_);
  empty_ = new EmptyState;
  stack_->addWidget(empty_);
  connect(empty_, &EmptyState::actionPressed, this, [this] {
    model_.reload();
    showMessage();
  });
  strip_ = new TimeStrip;
  strip_->setHint(tr("drag to go back · ← → step · shows rows/s over all pipelines"));
  auto* whole = new QWidget;
  auto* layout = new QVBoxLayout(whole);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(stack_, 1);
  layout->addWidget(makeChips());
  layout->addWidget(strip_);
  return whole;
}

QWidget* LineagePage::makeChips() {
  auto* chips = new QWidget;
  auto* layout = new QHBoxLayout(chips);
  layout->setContentsMargins(16, 8, 16, 8);
  layout->setSpacing(metrics::gap);
  const auto chip = [&](const QString& text, bool checkable) {
    auto* button = new Button(text);
    button->setCheckable(checkable);
    layout->addWidget(button);
    return button;
  };
  connect(chip(tr("Fit"), false), &Button::clicked, view_, &GraphView::fit);
  upstream_ = chip(tr("Upstream of selection"), true);
  downstream_ = chip(tr("Downstream"), true);
  wrong_ = chip(tr("Only what is wrong"), true);
  columns_ = chip(tr("Columns"), true);
  tables_ = chip(tr("Tables"), true);
  tables_->setToolTip(tr("Tables beside the steps that land in them"));
  rejected_ = chip(tr("Quarantine"), true);
  asTree_ = chip(tr("As a tree"), true);
  upstream_->setEnabled(false);
  downstream_->setEnabled(false);
  connect(upstream_, &Button::clicked, this, [this](bool on) { focusOn(static_cast<int>(on ? Focus::Upstream : Focus::Everything)); });
  connect(downstream_, &Button::clicked, this, [this](bool on) { focusOn(static_cast<int>(on ? Focus::Downstream : Focus::Everything)); });
  connect(wrong_, &Button::clicked, this, [this](bool on) { focusOn(static_cast<int>(on ? Focus::Wrong : Focus::Everything)); });
  connect(columns_, &Button::toggled, view_, &GraphView::setColumnsShown);
  for (Button* more : {tables_, rejected_}) connect(more, &Button::toggled, this, &LineagePage::showGraph);
  connect(asTree_, &Button::toggled, this, [this] {
    showMessage();
    stack_->currentWidget()->setFocus();
  });
  drawn_ = new Label({}, Tone::Dim);
  layout->addWidget(drawn_);
  layout->addStretch();
  search_ = new QLineEdit;
  search_->setPlaceholderText(tr("Find a node  /"));
  search_->setAccessibleName(tr("Find a node"));
  search_->setClearButtonEnabled(true);
  search_->setFixedWidth(200);
  connect(search_, &QLineEdit::textChanged, this, [this](const QString& text) { search_->setToolTip(tr("%1 found").arg(view_->search(text))); });
  connect(search_, &QLineEdit::returnPressed, this, [this] { view_->findNext(true); });
  layout->addWidget(search_);
  return chips;
}

void LineagePage::focusOn(int focus) {
  upstream_->setChecked(focus == static_cast<int>(Focus::Upstream));
  downstream_->setChecked(focus == static_cast<int>(Focus::Downstream));
  wrong_->setChecked(focus == static_cast<int>(Focus::Wrong));
  view_->setFocusOn(static_cast<Focus>(focus));
}

void LineagePage::showEngine() {
  model_.show(session.engine());
  followRates();
  showMessage();
}

void LineagePage::followRates() {
  QStringList names;
  if (session.engine())
    for (const PipelineState& pipeline : session.engine()->picture().pipelines)
      if (names.size() < mostRateSeries) names << QStringLiteral("pipeline/%1/rows_per_second").arg(pipeline.name);
  rates_.followLive(session.engine(), names, stripSpan, 120);
}

void LineagePage::showGraph() {
  const Graph graph = graphOf(model_, rejected_->isChecked(), tables_->isChecked());
  tree_->setGraph(graph);
  view_->setGraph(graph);
  detail_->show(model_.find(view_->selected()));
  showMessage();
}

void LineagePage::showMessage() {
  if (!model_.nodes().empty()) return stack_->setCurrentIndex(asTree_->isChecked() ? 1 : 0);
  stack_->setCurrentWidget(empty_);
  if (!model_.engine()) empty_->show(tr("No engine is connected"), tr("Connect to one in Settings, or open a folder"));
  else if (!model_.problem().isEmpty()) empty_->show(tr("The lineage could not be read"), model_.problem(), tr("Try again"), StateShape::Failing);
  else if (model_.isLoading()) empty_->show(tr("Reading the lineage"), {});
  else empty_->show(tr("This workspace has no pipelines yet"), tr("Write one under pipelines/ and apply the workspace: its sources, steps and tables appear here"));
}

void LineagePage::showLive() {
  showMessage();
  view_->setStale(!at_ && model_.isStale());
  if (at_) return;
  // Pipelines that were reported after the page was made belong to the strip too.
  if (rates_.series().empty() && !rates_.isLoading() && model_.engine() && !model_.engine()->picture().pipelines.isEmpty()) followRates();
  double busiest = 1;
  for (const LineageModel::Edge& edge : model_.edges()) busiest = std::max(busiest, edge.live.rowsPerSecond);
  for (const LineageModel::Node& node : model_.nodes()) showNode(node, rateText(node.rowsPerSecond), node.shape, node.note);
  for (const LineageModel::Edge& edge : model_.edges()) showEdge(edge, edge.label, edge.shape, std::sqrt(edge.live.rowsPerSecond / busiest));
}

void LineagePage::showNode(const LineageModel::Node& node, const QString& rate, int shape, const QString& note) {
  view_->updateNode(node.node.id, rate, static_cast<StateShape>(shape), note);
  tree_->updateNode(node.node.id, rate, static_cast<StateShape>(shape), note);
}

void LineagePage::showEdge(const LineageModel::Edge& edge, const QString& label, int shape, double weight) {
  view_->updateEdge(edge.edge.from, edge.edge.to, label, static_cast<StateShape>(shape), weight);
  tree_->updateEdge(edge.edge.from, edge.edge.to, label);
}

void LineagePage::showPast() {
  if (!at_ || history_.edges().size() != model_.edges().size()) return;
  std::vector<double> flows(model_.nodes().size(), 0);
  std::vector<int> shapes(model_.nodes().size(), mark::Unknown);
  double busiest = 1;
  for (const LineageHistory::Edge& past : history_.edges()) busiest = std::max(busiest, past.rowsPerSecond);
  for (size_t i = 0; i < model_.edges().size(); ++i) {
    const LineageModel::Edge& edge = model_.edges()[i];
    const LineageHistory::Edge& past = history_.edges()[i];
    showEdge(edge, past.label, past.shape, std::sqrt(past.rowsPerSecond / busiest));
    for (const int node : {edge.from, edge.to}) {
      flows[static_cast<size_t>(node)] = std::max(flows[static_cast<size_t>(node)], past.rowsPerSecond);
      int& shape = shapes[static_cast<size_t>(node)];
      if (past.shape != mark::Unknown && (node == edge.to || shape == mark::Unknown)) shape = past.shape;
    }
  }
  for (size_t i = 0; i < model_.nodes().size(); ++i)
    showNode(model_.nodes()[i], rateText(flows[i]), shapes[i], {});
}

void LineagePage::showStrip() {
  const TimeSeries total = sumOf(rates_.series());
  strip_->setSeries(total, microsOf(rates_.from()), microsOf(rates_.to()));
}

void LineagePage::goTo(std::optional<qint64> time) {
  at_ = time ? std::optional(instantOf(*time)) : std::nullopt;
  // What is done now would not be done to what is seen.
  detail_->setEnabled(!at_);
  if (at_) {
    strip_->setHint(tr("%1 ago · actions are off · End goes back to live").arg(duration(wallClockNow() - *at_)));
    history_.show(*at_);
    return;
  }
  strip_->setHint(tr("drag to go back · ← → step · shows rows/s over all pipelines"));
  history_.stop();
  showLive();
}

void LineagePage::select(const QString& object) {
  if (const int node = model_.find(object); node >= 0) {
    view_->select(object);
    // A table that stands in the box of its step.
    if (view_->selected() == object) return;
    for (const LineageModel::Edge& edge : model_.edges())
      if (edge.to == node) return view_->select(edge.edge.from);
  }
  // The name of a pipeline: its worst node.
  const LineageModel::Node* best = nullptr;
  for (const LineageModel::Node& node : model_.nodes())
    if (node.node.pipeline == object && (!best || rankOf(node.shape) < rankOf(best->shape))) best = &node;
  if (best) view_->select(best->node.id);
}

void LineagePage::open(const Link& link) {
  if (!link.engine.isEmpty()) session.chooseEngine(link.engine);
  if (link.at || at_) {
    const auto time = link.at ? std::optional(microsOf(*link.at)) : std::nullopt;
    strip_->setPosition(time);
    goTo(time);
  }
  if (link.object.isEmpty()) return;
  if (view_->total() > 0) select(link.object);
  else wanted_ = link.object;
}

Link LineagePage::here() const { return {model_.engine() ? model_.engine()->name() : QString(), QStringLiteral("lineage"), view_->selected(), at_}; }

QJsonObject LineagePage::layoutState() const {
  return {{QStringLiteral("split"), QString::fromLatin1(split_->saveState().toBase64())}, {QStringLiteral("tree"), asTree_->isChecked()},
          {QStringLiteral("columns"), columns_->isChecked()}, {QStringLiteral("rejected"), rejected_->isChecked()}, {QStringLiteral("tables"), tables_->isChecked()}};
}

void LineagePage::restoreLayoutState(const QJsonObject& state) {
  split_->restoreState(QByteArray::fromBase64(state.value(QStringLiteral("split")).toString().toLatin1()));
  asTree_->setChecked(state.value(QStringLiteral("tree")).toBool());
  columns_->setChecked(state.value(QStringLiteral("columns")).toBool());
  rejected_->setChecked(state.value(QStringLiteral("rejected")).toBool());
  tables_->setChecked(state.value(QStringLiteral("tables")).toBool());
}

QWidget* LineagePage::firstFocus() { return stack_->currentWidget(); }

void LineagePage::focusFilter() { search_->setFocus(); }

bool LineagePage::isReady() const { return view_->total() > 0; }

}  // namespace penstock::ui
