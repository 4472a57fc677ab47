#include "pages/action_sheet.h"

#include "widgets/inline_sheet.h"

namespace penstock::ui {
namespace {

ActionSummary summaryOf(const ActionFlow::Sheet& sheet) {
  ActionSummary summary;
  summary.title = sheet.title;
  summary.environment = sheet.environment.toUpper() + (sheet.isProtected ? ActionSheet::tr(" · protected") : QString());
  summary.environmentColor = QColor(sheet.colour);
  for (const QString& fact : sheet.facts) summary.facts.append({QString(), fact});
  summary.cannotBeUndone = sheet.warning;
  summary.numberToType = sheet.numberToType;
  summary.why = sheet.why;
  summary.needsWhy = sheet.needsWhy;
  summary.destroys = sheet.destroys;
  summary.canRun = sheet.canRun;
  return summary;
}

}  // namespace

ActionSheet::ActionSheet(InlineSheet* sheet) : sheet_(sheet) {
  connect(sheet, &InlineSheet::runRequested, this, [this](const QString& why, qint64 typedNumber) {
    if (flow_) flow_->confirm(why, typedNumber);
  });
  connect(sheet, &InlineSheet::cancelled, this, [this] {
    if (flow_ && flow_->stage() != ActionFlow::Stage::Done) flow_->cancel();
  });
  connect(sheet, &InlineSheet::retryRequested, this, [this] {
    if (flow_) flow_->start();
  });
  connect(sheet, &InlineSheet::undoRequested, this, [this] {
    if (auto flow = undo_ ? std::exchange(undo_, nullptr)() : nullptr) press(std::move(flow));
  });
}

ActionSheet::~ActionSheet() = default;

void ActionSheet::press(std::unique_ptr<ActionFlow> flow) {
  if (flow_) flow_->disconnect(this);
  if (flow_) flow_.release()->deleteLater();    // may be the one whose signal brought us here
  flow_ = std::move(flow);
  shown_ = ActionFlow::Stage::Idle;
  sheet_->prepare(flow_->title());
  connect(flow_.get(), &ActionFlow::changed, this, &ActionSheet::show);
  flow_->start();
}

void ActionSheet::show() {
  using Stage = ActionFlow::Stage;
  const Stage stage = flow_->stage();
  const bool entered = std::exchange(shown_, stage) != stage;
  switch (stage) {
    case Stage::Idle: break;
    case Stage::Previewing:
      if (entered) sheet_->prepare(flow_->title());
      break;
    case Stage::Confirming:
      entered ? sheet_->ask(summaryOf(flow_->sheet())) : sheet_->change(summaryOf(flow_->sheet()));
      break;
    case Stage::Running: sheet_->progress(flow_->fraction().value_or(-1), flow_->progress(), false); break;
    case Stage::Done:
      sheet_->finish(flow_->outcome(), undo_ ? tr("Undo") : QString());
      if (entered) emit finished(flow_->outcome());
      break;
    case Stage::Failed: sheet_->fail(flow_->problem().message, flow_->problem().action); break;
  }
}

}  // namespace penstock::ui
