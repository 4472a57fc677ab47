#include "pages/node_detail.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

#include "pages/action_sheet.h"
#include "pages/column_panel.h"
#include "pages/contract_panel.h"
#include "viewmodels/reset_flow.h"
#include "viewmodels/session.h"
#include "viewmodels/sink_words.h"
#include "viewmodels/states.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"
#include "widgets/label.h"
#include "widgets/panel.h"
#include "widgets/shape_mark.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;

void empty(QLayout* layout) {
  while (QLayoutItem* item = layout->takeAt(0)) {
    delete item->widget();
    delete item;
  }
}

const PipelineState* pipelineOf(const LineageModel& lineage, const QString& name) {
  if (!lineage.engine()) return nullptr;
  const auto& all = lineage.engine()->picture().pipelines;
  const auto found = all.constFind(name);
  return found == all.constEnd() ? nullptr : &*found;
}

// What is told of that node's source; null: nothing, or it is none.
const SourceState* sourceOf(const LineageNode& node, const PipelineState& pipeline) {
  if (node.kind != "source") return nullptr;
  for (const SourceState& source : pipeline.sources)
    if (source.name == node.label || pipeline.sources.size() == 1) return &source;
  return nullptr;
}

double lastOf(const SeriesFeed& feed, const QString& name) {
  const Series* series = feed.find(name);
  if (series)
    for (auto value = series->value.rbegin(); value != series->value.rend(); ++value)
      if (!std::isnan(*value)) return *value;
  return NAN;
}

}  // namespace

NodeDetail::NodeDetail(Session& session, const LineageModel& lineage, QWidget* parent)
    : QWidget(parent),
      session_(session),
      lineage_(lineage),
      mark_(new ShapeMark),
      title_(new Label({}, Tone::Normal, Label::Font::Heading)),
      kind_(new Label({}, Tone::Dim)),
      trouble_(new Panel),
      troubleTitle_(new Label({}, Tone::Normal, Label::Font::Strong)),
      troubleText_(new Label({}, Tone::Dim)),
      reset_(new Button({}, Button::Kind::Primary)),
      sheet_(new InlineSheet),
      action_(std::make_unique<ActionSheet>(sheet_)),
      numbersTitle_(new Label(tr("Now, against an hour ago"), Tone::Dim, Label::Font::Small)),
      numbers_(new QGridLayout),
      listsTitle_(new Label(tr("Expectations"), Tone::Dim, Label::Font::Small)),
      expectations_(new QVBoxLayout),
      deliveryTitle_(new Label(tr("Delivery"), Tone::Dim, Label::Font::Small)),
      delivery_(new Label),
      contract_(new ContractPanel(session)),
      columns_(new ColumnPanel([this](const QString& node) {
        const int known = lineage_.find(node);
        return known < 0 ? node.section('/', 1) : lineage_.nodes()[static_cast<size_t>(known)].node.label;
      })),
      ways_(new QWidget) {
  title_->setWordWrap(true);
  troubleText_->setWordWrap(true);
  delivery_->setWordWrap(true);
  delivery_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* head = new QHBoxLayout;
  head->setSpacing(metrics::gap);
  head->addWidget(mark_);
  head->addWidget(title_, 1);
  head->addWidget(kind_);

  trouble_->setOutlined(true);
  auto* logs = new Button(tr("Logs"));
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(metrics::gap);
  buttons->addWidget(reset_);
  buttons->addWidget(logs);
  buttons->addStretch();
  auto* trouble = new QVBoxLayout(trouble_);
  trouble->setContentsMargins(12, 10, 12, 12);
  trouble->setSpacing(6);
  trouble->addWidget(troubleTitle_);
  trouble->addWidget(troubleText_);
  trouble->addLayout(buttons);

  numbers_->setHorizontalSpacing(12);
  numbers_->setVerticalSpacing(8);
  numbers_->setColumnStretch(0, 1);
  expectations_->setSpacing(4);
  auto* ways = new QHBoxLayout(ways_);
  ways->setContentsMargins(0, 0, 0, 0);
  const auto way = [&](const QString& text, const QString& page) {
    auto* button = new Button(text, Button::Kind::Link);
    connect(button, &Button::clicked, this, [this, page] {
      if (node_ >= 0) go(page, lineage_.nodes()[static_cast<size_t>(node_)].node.pipeline);
    });
    ways->addWidget(button);
  };
  way(tr("Latency"), QStringLiteral("latency"));
  way(tr("Failing rows"), QStringLiteral("quality"));
  way(tr("Pods"), QStringLiteral("pods"));
  way(tr("Replay"), QStringLiteral("replay"));
  ways->addStretch();

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 14, 16, 16);
  layout->setSpacing(10);
  layout->addLayout(head);
  layout->addWidget(trouble_);
  layout->addWidget(sheet_);
  layout->addWidget(numbersTitle_);
  layout->addLayout(numbers_);
  layout->addWidget(listsTitle_);
  layout->addLayout(expectations_);
  layout->addWidget(deliveryTitle_);
  layout->addWidget(delivery_);
  layout->addWidget(contract_);
  layout->addWidget(columns_);
  layout->addWidget(ways_);
  layout->addStretch();

  connect(reset_, &Button::clicked, this, [this] {
    const QString pod = podOf(lineage_.nodes()[static_cast<size_t>(node_)].node.pipeline);
    if (lineage_.engine() && !pod.isEmpty()) action_->press(std::make_unique<ResetFlow>(*lineage_.engine(), pod));
  });
  connect(action_.get(), &ActionSheet::finished, this, [this] { session_.done(QStringLiteral("reset")); });
  connect(logs, &Button::clicked, this, [this] { go(QStringLiteral("activity"), podOf(lineage_.nodes()[static_cast<size_t>(node_)].node.pipeline)); });
  connect(columns_, &ColumnPanel::wayChosen, this, &NodeDetail::columnChosen);
  connect(&hourAgo_, &SeriesFeed::changed, this, &NodeDetail::refresh);
  show(-1);
}

NodeDetail::~NodeDetail() = default;

void NodeDetail::go(const QString& page, const QString& object) {
  session_.open({lineage_.engine() ? lineage_.engine()->name() : QString(), page, object, {}});
}

// The pod that holds the pipeline back, else the first that runs it.
QString NodeDetail::podOf(const QString& pipeline) const {
  QString any;
  if (!lineage_.engine()) return any;
  for (const PodState& pod : lineage_.engine()->picture().pods) {
    if (!pod.pipelines.contains(pipeline)) continue;
    const int shape = shapeOf(pod.phase);
    if (shape == mark::Failing || shape == mark::Warning) return pod.name;
    if (any.isEmpty() || pod.name < any) any = pod.name;
  }
  return any;
}

void NodeDetail::show(int node) {
  node_ = node;
  const bool any = node >= 0 && node < static_cast<int>(lineage_.nodes().size());
  if (any && lineage_.engine()) {
    const QString pipeline = lineage_.nodes()[static_cast<size_t>(node)].node.pipeline;
    QStringList names;
    for (const char* what : {"rows_per_second", "queryable_p99", "behind_rows"}) names << QStringLiteral("pipeline/%1/%2").arg(pipeline, QLatin1String(what));
    const Instant then = wallClockNow() - 1h;
    const LineageNode& shown = lineage_.nodes()[static_cast<size_t>(node)].node;
    const bool isSource = shown.kind == "source";
    contract_->show(isSource ? lineage_.engine() : nullptr, shown.pipeline, shown.id.section('/', -1));
    hourAgo_.showPast(lineage_.engine(), pipeline.isEmpty() ? QStringList() : names, then - 1min, then + 1min, 10);
  }
  columns_->show(any ? lineage_.engine() : nullptr, any ? lineage_.nodes()[static_cast<size_t>(node)].node.id : QString());
  refresh();
}

void NodeDetail::refresh() {
  const bool any = node_ >= 0 && node_ < static_cast<int>(lineage_.nodes().size());
  for (QWidget* widget : {static_cast<QWidget*>(mark_), static_cast<QWidget*>(kind_), static_cast<QWidget*>(numbersTitle_), ways_}) widget->setVisible(any);
  if (!any) {
    node_ = -1;
    title_->setText(tr("Select a node to see what it does"));
    trouble_->hide();
    endNumbers(0);
    empty(expectations_);
    for (QWidget* widget : {static_cast<QWidget*>(listsTitle_), static_cast<QWidget*>(deliveryTitle_), static_cast<QWidget*>(delivery_), static_cast<QWidget*>(contract_)}) widget->hide();
    return;
  }
  const LineageModel::Node& node = lineage_.nodes()[static_cast<size_t>(node_)];
  const PipelineState* pipeline = pipelineOf(lineage_, node.node.pipeline);
  const bool stale = lineage_.isStale();
  mark_->setShape(stale ? StateShape::Unknown : static_cast<StateShape>(node.shape));
  title_->setText(node.node.label);
  kind_->setText(pipeline ? tr("%1 · v%2").arg(node.node.kind).arg(pipeline->version) : node.node.kind);
  ways_->setVisible(!node.node.pipeline.isEmpty());
  refreshTrouble(node, pipeline);
  refreshNumbers(node, pipeline);
  refreshLists(node);
  refreshDelivery(node, pipeline);
  contract_->refresh();
}

void NodeDetail::refreshTrouble(const LineageModel::Node& node, const PipelineState* pipeline) {
  const bool wrong = node.shape == mark::Failing || node.shape == mark::Warning;
  trouble_->setVisible(wrong && pipeline);
  if (!wrong || !pipeline) return;
  trouble_->setState(static_cast<StateShape>(node.shape));
  QString word = wordOf(pipeline->status);
  if (!word.isEmpty()) word[0] = word[0].toUpper();
  troubleTitle_->setText(node.shape == mark::Failing ? tr("%1 for %2").arg(word, duration(wallClockNow() - pipeline->statusSince)) : node.note);
  troubleText_->setText(pipeline->reason);
  troubleText_->setVisible(!pipeline->reason.isEmpty());
  const QString pod = podOf(node.node.pipeline);
  reset_->setVisible(node.shape == mark::Failing && !pod.isEmpty());
  reset_->setText(tr("Reset and replay the gap"));
}

void NodeDetail::setNumber(int row, const QString& name, const QString& now, const QString& before) {
  if (static_cast<size_t>(row) == rows_.size()) {
    rows_.push_back({new Label({}, Tone::Dim), new Label({}, Tone::Normal, Label::Font::Strong), new Label({}, Tone::Dim)});
    for (int column = 0; column < 3; ++column) numbers_->addWidget(rows_.back()[static_cast<size_t>(column)], row, column, column == 0 ? Qt::Alignment() : Qt::AlignRight);
  }
  const auto& labels = rows_[static_cast<size_t>(row)];
  labels[0]->setText(name);
  labels[1]->setText(now);
  labels[2]->setText(before);
  for (Label* label : labels) label->show();
}

void NodeDetail::endNumbers(int rows) {
  for (size_t row = static_cast<size_t>(rows); row < rows_.size(); ++row)
    for (Label* label : rows_[row]) label->hide();
}

void NodeDetail::refreshNumbers(const LineageModel::Node& node, const PipelineState* pipeline) {
  const auto then = [&](const char* what) { return lastOf(hourAgo_, QStringLiteral("pipeline/%1/%2").arg(node.node.pipeline, QLatin1String(what))); };
  const double rateThen = then("rows_per_second");
  int row = 0;
  setNumber(row++, tr("Rows/s here"), rate(node.rowsPerSecond), {});
  if (!pipeline) return endNumbers(row);
  setNumber(row++, tr("Rows/s in %1").arg(pipeline->name), rate(pipeline->rowsPerSecond), std::isnan(rateThen) ? noValue : rate(rateThen));
  const double p99Then = then("queryable_p99");
  setNumber(row++, tr("p99"), pipeline->queryable.count > 0 ? milliseconds(pipeline->queryable.p99) + tr(" ms") : noValue,
            std::isnan(p99Then) ? noValue : milliseconds(Micros(static_cast<qint64>(p99Then))) + tr(" ms"));
  const double behindThen = then("behind_rows");
  setNumber(row++, tr("Rows behind"), pipeline->behindRows ? grouped(*pipeline->behindRows) : noValue, std::isnan(behindThen) ? noValue : grouped(static_cast<qint64>(behindThen)));
  if (isKnown(pipeline->watermark)) setNumber(row++, tr("Watermark"), timeOfDay(pipeline->watermark, session_.timeZone()), tr("%1 ago").arg(duration(wallClockNow() - pipeline->watermark)));
  setNumber(row++, tr("State"), bytes(pipeline->stateBytes), {});
  if (const SourceState* source = sourceOf(node.node, *pipeline)) {
    if (source->partitions > 1) setNumber(row++, tr("Partitions"), grouped(source->partitions), {});
    if (source->keptLogBytes) setNumber(row++, tr("Log kept for it"), bytes(*source->keptLogBytes), {});
  }
  endNumbers(row);
}

// A sink, or the table that a step lands in.
void NodeDetail::refreshDelivery(const LineageModel::Node& node, const PipelineState* pipeline) {
  QStringList lines;
  bool trying = false;
  for (const SinkState& sink : pipeline ? pipeline->sinks : std::vector<SinkState>()) {
    const bool isIts = node.node.kind == "sink" ? node.node.id.endsWith('/' + sink.name)
                       : node.node.kind == "table" ? sink.table == node.node.label
                                                   : node.node.kind == "step" && sink.kind == "delta" && sink.name.startsWith(node.node.step + '.');
    if (!isIts) continue;
    trying |= isTrying(sink);
    QStringList parts{promiseOf(sink), tr("%1 delivered").arg(counted(sink.deliveredRows, tr("row"), tr("rows")))};
    if (const QString cost = costInWords(sink); !cost.isEmpty()) parts << cost;
    if (sink.waitingRows > 0) parts << counted(sink.waitingRows, tr("row waits"), tr("rows wait"));
    if (const QString words = tryingInWords(sink, wallClockNow()); !words.isEmpty()) parts << words;
    if (isTrying(sink) && !sink.error.isEmpty()) parts << sink.error;
    lines << parts.join(QStringLiteral(" · "));
  }
  if (!lines.isEmpty() && pipeline->relaxedDurability) lines << tr("Durability relaxed: state is synced every 100 ms");
  delivery_->setText(lines.join('\n'));
  delivery_->setTone(trying ? Tone::Warning : Tone::Dim);
  deliveryTitle_->setVisible(!lines.isEmpty());
  delivery_->setVisible(!lines.isEmpty());
}

void NodeDetail::refreshLists(const LineageModel::Node& node) {
  QList<QPair<QString, QString>> checks;  // text and the link's object
  if (lineage_.engine() && !node.node.step.isEmpty())
    for (const ExpectationState& check : lineage_.engine()->picture().expectations)
      if (check.pipeline == node.node.pipeline && check.step == node.node.step)
        checks.append({tr("%1   %2 of %3").arg(check.name, grouped(check.failed), shortNumber(static_cast<double>(check.checked))),
                       check.pipeline + '/' + check.step + '/' + check.name});
  std::sort(checks.begin(), checks.end());
  // Buttons that stay are kept: a press must not hit one that is just replaced.
  if (expectations_->count() != checks.size()) {
    empty(expectations_);
    for (const auto& [text, object] : checks) {
      auto* button = new Button(text, Button::Kind::Quiet);
      connect(button, &Button::clicked, this, [this, button] { go(QStringLiteral("quality"), button->property("object").toString()); });
      expectations_->addWidget(button, 0, Qt::AlignLeft);
    }
  }
  for (int i = 0; i < checks.size(); ++i) {
    auto* button = static_cast<Button*>(expectations_->itemAt(i)->widget());
    button->setText(checks[i].first);
    button->setProperty("object", checks[i].second);
  }
  const qsizetype shown = checks.size();
  listsTitle_->setVisible(shown > 0);
}

}  // namespace penstock::ui
