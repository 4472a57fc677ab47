#include "pages/contract_panel.h"

#include <QVBoxLayout>

#include <algorithm>

#include "client/workspace_client.h"
#include "viewmodels/session.h"
#include "widgets/label.h"

namespace penstock::ui {
namespace {

const QString driftPrefix = QStringLiteral("schema drift: ");

struct Line {
  QString text;
  Tone tone = Tone::Normal;
  bool mono = false;
};

QString policyInWords(const QString& drift) {
  if (drift == "fail") return ContractPanel::tr("A field that it does not know stops the stream");
  if (drift == "evolve") return ContractPanel::tr("New fields become columns, and another version");
  return ContractPanel::tr("Fields that it does not know are left out, and told here");
}

QString answersInWords(const ContractVersion& version) {
  if (version.backward.isEmpty() && version.forward.isEmpty()) return {};
  const auto answer = [](const QString& may) { return may == "yes" ? ContractPanel::tr("yes") : may == "no" ? ContractPanel::tr("no") : QStringLiteral("–"); };
  return ContractPanel::tr("follows the one before: BACKWARD %1, FORWARD %2").arg(answer(version.backward), answer(version.forward));
}

QList<Line> linesOf(const SourceContracts& contract, TimeZone zone) {
  QList<Line> lines;
  const QString how = contract.declared.isEmpty() ? ContractPanel::tr("inferred from its records") : contract.declared;
  lines << Line{how + QStringLiteral(" · ") + contract.format, Tone::Normal, false};
  lines << Line{policyInWords(contract.drift), Tone::Dim, false};
  if (contract.versions.empty()) lines << Line{ContractPanel::tr("No version is known yet: the first records tell"), Tone::Dim, false};
  // The one that decodes first.
  for (auto version = contract.versions.rbegin(); version != contract.versions.rend(); ++version) {
    const QString name = version->version == 0 ? ContractPanel::tr("As declared") : ContractPanel::tr("Version %1").arg(version->version);
    QStringList facts{name, counted(version->columns.size(), ContractPanel::tr("column"), ContractPanel::tr("columns"))};
    if (isKnown(version->keptAt)) facts << ContractPanel::tr("since %1").arg(dateAndTime(version->keptAt, zone).left(19) + ' ' + zoneName(zone, version->keptAt));
    if (version == contract.versions.rbegin() && contract.versions.size() > 1) facts << ContractPanel::tr("decodes now");
    lines << Line{facts.join(QStringLiteral(" · ")), Tone::Normal, false};
    for (const QString& column : version->added) lines << Line{QStringLiteral("+ ") + column, Tone::Normal, true};
    for (const QString& column : version->removed) lines << Line{QStringLiteral("− ") + column, Tone::Normal, true};
    const bool breaks = version->backward == "no" || version->forward == "no";
    if (const QString answers = answersInWords(*version); !answers.isEmpty()) lines << Line{answers, breaks ? Tone::Warning : Tone::Dim, false};
  }
  return lines;
}

}  // namespace

ContractPanel::ContractPanel(Session& session, QWidget* parent)
    : QWidget(parent), session_(session), title_(new Label(tr("Contract"), Tone::Dim, Label::Font::Small)), lines_(new QVBoxLayout) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(6);
  lines_->setSpacing(2);
  layout->addWidget(title_);
  layout->addLayout(lines_);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);         // room that is left stays below all
  hide();
}

void ContractPanel::show(Connection* engine, const QString& pipeline, const QString& source) {
  setVisible(engine);
  if (engine == engine_ && pipeline == pipeline_ && source == source_ && problem_.isEmpty()) return refresh();
  const bool samePipeline = engine == engine_ && pipeline == pipeline_ && problem_.isEmpty();
  engine_ = engine;
  pipeline_ = pipeline;
  source_ = source;
  if (samePipeline || !engine) return refresh();
  contracts_.clear();
  problem_.clear();
  loading_ = true;
  call_ = WorkspaceClient(*engine).contracts(pipeline, this, [this](const Answer<std::vector<SourceContracts>>& answer) {
    loading_ = false;
    if (answer) contracts_ = *answer;
    else problem_ = answer.error().message;
    refresh();
  });
  refresh();
}

void ContractPanel::refresh() {
  if (!engine_) return;
  QList<Line> lines;
  if (loading_) lines << Line{tr("Reading"), Tone::Dim, false};
  if (!problem_.isEmpty()) lines << Line{tr("It could not be read: %1").arg(problem_), Tone::Failing, false};
  const auto found = std::find_if(contracts_.begin(), contracts_.end(), [this](const SourceContracts& one) { return one.source == source_; });
  if (found != contracts_.end()) lines << linesOf(*found, session_.timeZone());
  else if (!loading_ && problem_.isEmpty()) lines << Line{tr("It needs none: its records have the columns that they bring"), Tone::Dim, false};
  // What its records have and it has not: told of the pipeline as a whole.
  for (const ExpectationState& seen : engine_->picture().expectations) {
    if (seen.pipeline != pipeline_ || seen.onFail != "drift") continue;
    const QString what = seen.name.startsWith(driftPrefix) ? seen.name.mid(driftPrefix.size()) : seen.name;
    lines << Line{tr("Seen and not known: %1 · %2").arg(what, counted(seen.failed, tr("row"), tr("rows"))), Tone::Warning, false};
  }

  QString text;
  for (const Line& line : lines) text += line.text + '\n';
  if (std::exchange(shown_, text) == text) return;
  while (QLayoutItem* item = lines_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  for (const Line& line : lines) {
    auto* label = new Label(line.text, line.tone, line.mono ? Label::Font::Mono : Label::Font::Text);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    lines_->addWidget(label);
  }
}

}  // namespace penstock::ui
