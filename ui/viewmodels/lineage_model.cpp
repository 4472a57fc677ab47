#include "viewmodels/lineage_model.h"

#include <queue>

#include "client/lineage_client.h"
#include "viewmodels/format.h"
#include "viewmodels/link.h"
#include "viewmodels/states.h"

namespace penstock::ui {
namespace {

const PipelineState* pipelineOf(const Connection& engine, const QString& name) {
  const auto found = engine.picture().pipelines.constFind(name);
  return found == engine.picture().pipelines.constEnd() ? nullptr : &*found;
}

QString labelOf(const EdgeState& edge, int shape, const PipelineState* pipeline) {
  if (shape == mark::Failing) return pipeline ? wordOf(pipeline->status) : noValue;
  QString label = shortNumber(edge.rowsPerSecond) + QStringLiteral("/s");
  if (edge.latency.count > 0) label += QStringLiteral(" · ") + p50AndP99(edge.latency.p50, edge.latency.p99);
  return label;
}

}  // namespace

LineageModel::LineageModel(QObject* parent) : QAbstractTableModel(parent) {
  updating_.setSingleShot(true);
  updating_.setInterval(100);
  connect(&updating_, &QTimer::timeout, this, &LineageModel::update);
}

void LineageModel::show(Connection* engine) {
  if (engine_) disconnect(engine_, nullptr, this, nullptr);
  engine_ = engine;
  version_ = -1;
  if (engine) {
    connect(engine, &Connection::changed, this, [this] {
      if (!updating_.isActive()) updating_.start();
    });
    connect(engine, &Connection::stateChanged, this, &LineageModel::update);
    connect(engine, &Connection::infoChanged, this, &LineageModel::reload);
  }
  take({});
  reload();
}

void LineageModel::reload() {
  if (!engine_) return;
  loading_ = nodes_.empty();
  call_ = LineageClient(*engine_).graph(true, this, [this](const Answer<LineageGraph>& answer) {
    loading_ = false;
    problem_ = answer ? QString() : answer.error().message;
    if (answer && answer->version != version_) {
      version_ = answer->version;       // before others hear of the graph and perhaps ask for the next
      take(*answer);
    } else {
      emit liveChanged();
    }
  });
}

bool LineageModel::isStale() const { return engine_ && !engine_->isFresh(); }

void LineageModel::take(const LineageGraph& graph) {
  beginResetModel();
  nodes_.clear();
  edges_.clear();
  places_.clear();
  for (const LineageNode& node : graph.nodes) {
    places_.insert(node.id, static_cast<int>(nodes_.size()));
    nodes_.push_back({.node = node});
  }
  for (const LineageEdge& edge : graph.edges) {
    const int from = find(edge.from);
    const int to = find(edge.to);
    if (from >= 0 && to >= 0) edges_.push_back({.edge = edge, .from = from, .to = to});
  }
  endResetModel();
  emit graphChanged();
  update();
}

void LineageModel::update() {
  if (!engine_ || nodes_.empty()) return;
  updateEdges();
  updateNodes();
  emit dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
  emit liveChanged();
}

void LineageModel::updateEdges() {
  const auto& states = engine_->picture().edges;
  const bool unknown = engine_->state() == EngineState::NotAnswering;
  for (Edge& edge : edges_) {
    const auto live = states.constFind(edgeKey(edge.edge.pipeline, edge.edge.from, edge.edge.to));
    edge.isLive = live != states.constEnd();
    edge.live = edge.isLive ? *live : EdgeState{};
    const PipelineState* pipeline = pipelineOf(*engine_, edge.edge.pipeline);
    const int state = pipeline ? shapeOf(pipeline->status) : int(mark::Ok);
    const bool halted = state == mark::Failing && edge.live.rowsPerSecond <= 0;
    edge.shape = unknown ? int(mark::Unknown) : halted ? int(mark::Failing) : edge.live.backPressure ? int(mark::Warning) : int(mark::Ok);
    edge.label = edge.isLive || halted ? labelOf(edge.live, edge.shape, pipeline) : QString();
  }
}

// Where a node is a sink, or a table that is one, and does not take rows; null: it takes them.
const SinkState* LineageModel::brokenSinkOf(const LineageNode& node, const PipelineState* pipeline) {
  if (!pipeline || (node.kind != "sink" && node.kind != "table")) return nullptr;
  for (const SinkState& sink : pipeline->sinks) {
    const bool isIts = node.kind == "sink" ? node.id.endsWith('/' + sink.name) : sink.table == node.label;
    if (isIts && !sink.circuit.isEmpty() && sink.circuit != "closed") return &sink;
  }
  return nullptr;
}

void LineageModel::updateNodes() {
  const bool unknown = engine_->state() == EngineState::NotAnswering;
  std::vector<double> in(nodes_.size()), out(nodes_.size());
  std::vector<char> halted(nodes_.size()), flowsIn(nodes_.size());
  for (const Edge& edge : edges_) {
    in[static_cast<size_t>(edge.to)] += edge.live.rowsPerSecond;
    // Each edge out of a node may carry the same rows.
    double& most = out[static_cast<size_t>(edge.from)];
    most = std::max(most, edge.live.rowsPerSecond);
    flowsIn[static_cast<size_t>(edge.to)] |= edge.live.rowsPerSecond > 0;
    halted[static_cast<size_t>(edge.to)] |= edge.shape == mark::Failing;
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    const PipelineState* pipeline = pipelineOf(*engine_, node.node.pipeline);
    node.rowsPerSecond = in[i] > 0 ? in[i] : out[i];
    node.shape = unknown ? int(mark::Unknown) : halted[i] ? (flowsIn[i] ? int(mark::Warning) : int(mark::Failing)) : int(mark::Ok);
    if (node.shape == mark::Ok && pipeline && shapeOf(pipeline->status) == mark::Idle) node.shape = mark::Idle;
    if (node.shape == mark::Ok && pipeline && pipeline->failingRows > 0) {
      for (const ExpectationState& check : engine_->picture().expectations) {
        const bool here = check.pipeline == node.node.pipeline && check.step == node.node.step && !node.node.step.isEmpty();
        if (here && check.failedRecently > 0 && check.rate > std::max(0.001, 3 * check.usualRate)) node.shape = mark::Warning;
      }
    }
    if (node.shape == mark::Ok && brokenSinkOf(node.node, pipeline)) node.shape = mark::Warning;
    node.note = noteOf(node.node, pipeline, node.shape);
  }
}

QString LineageModel::noteOf(const LineageNode& node, const PipelineState* pipeline, int shape) const {
  if (!pipeline) return {};
  if (shape == mark::Failing) {
    QString note = wordOf(pipeline->status) + ' ' + duration(wallClockNow() - pipeline->statusSince);
    if (pipeline->behindRows.value_or(0) > 0) note += QStringLiteral(" · %1 wait").arg(shortNumber(static_cast<double>(*pipeline->behindRows)));
    return note;
  }
  if (shape == mark::Warning && node.kind == "step" && pipeline->failingRows > 0) return tr("%1 rejected").arg(grouped(pipeline->failingRows));
  if (const SinkState* sink = brokenSinkOf(node, pipeline)) {
    return tr("circuit %1 %2 · %3 wait").arg(sink->circuit == "open" ? tr("open") : tr("half open"), duration(wallClockNow() - sink->circuitSince), shortNumber(static_cast<double>(sink->waitingRows)));
  }
  return shape == mark::Warning ? tr("late in part") : QString();
}

std::vector<int> LineageModel::reached(int start, bool down) const {
  std::vector<char> seen(nodes_.size());
  std::queue<int> open;
  std::vector<int> found;
  if (start < 0 || start >= rowCount()) return found;
  open.push(start);
  seen[static_cast<size_t>(start)] = 1;
  std::vector<std::vector<int>> next(nodes_.size());
  for (const Edge& edge : edges_) next[static_cast<size_t>(down ? edge.from : edge.to)].push_back(down ? edge.to : edge.from);
  while (!open.empty()) {
    const int node = open.front();
    open.pop();
    found.push_back(node);
    for (const int other : next[static_cast<size_t>(node)]) {
      if (std::exchange(seen[static_cast<size_t>(other)], 1) == 0) open.push(other);
    }
  }
  return found;
}

int LineageModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(nodes_.size()); }

QVariant LineageModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Node& node = nodes_[static_cast<size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case Label: return node.node.label;
        case Kind: return node.node.kind;
        case Technology: return node.node.technology;
        case Pipeline: return node.node.pipeline;
        case Rate: return node.shape == mark::Idle ? QString(noValue) : shortNumber(node.rowsPerSecond) + QStringLiteral("/s");
        case Note: return node.note;
        default: return {};
      }
    case Qt::TextAlignmentRole: return index.column() == Rate ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case ToneRole: return index.column() == Note ? toneOf(node.shape) : index.column() == Label ? int(voice::Normal) : int(voice::Dim);
    case ShapeRole: return node.shape;
    case StaleRole: return isStale();
    case RankRole: return rankOf(node.shape);
    case SortRole: return index.column() == Rate ? QVariant(node.rowsPerSecond) : data(index, Qt::DisplayRole);
    case SearchRole: return QStringList{node.node.label, node.node.kind, node.node.technology, node.node.pipeline, node.node.columns.join(' ')}.join(' ');
    case IdRole: return node.node.id;
    case EngineRole: return engine_ ? engine_->name() : QString();
    case LinkRole: return Link{engine_ ? engine_->name() : QString(), QStringLiteral("lineage"), node.node.id, {}}.toString();
    case LayerRole: return node.node.layer;
    case KindRole: return node.node.kind;
    default: return {};
  }
}

QVariant LineageModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case Label: return tr("Name");
    case Kind: return tr("Kind");
    case Technology: return tr("Technology");
    case Pipeline: return tr("Pipeline");
    case Rate: return tr("Rows/s");
    case Note: return tr("Now");
    default: return {};
  }
}

}  // namespace penstock::ui
