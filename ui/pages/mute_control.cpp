#include "pages/mute_control.h"

#include "pages/action_sheet.h"
#include "viewmodels/format.h"
#include "viewmodels/mute_flow.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"

namespace penstock::ui {

MuteControl::MuteControl(QObject* parent) : QObject(parent), button_(new Button(tr("Mute…"))), sheet_(new InlineSheet), action_(std::make_unique<ActionSheet>(sheet_)) {
  button_->setObjectName(QStringLiteral("mute"));
  connect(button_, &Button::clicked, this, &MuteControl::press);
}

MuteControl::~MuteControl() = default;

void MuteControl::show(Connection* engine, const ExpectationName& expectation) {
  engine_ = engine;
  expectation_ = expectation;
  sheet_->fold();
  refresh();
}

void MuteControl::refresh() {
  const ExpectationState* state = nullptr;
  if (engine_) {
    const auto found = engine_->picture().expectations.constFind(expectationKey(expectation_.pipeline, expectation_.step, expectation_.name));
    if (found != engine_->picture().expectations.constEnd()) state = &*found;
  }
  muted_ = state && isKnown(state->mutedAt);
  // What drifted is no check that could be silenced.
  button_->setVisible(state && !state->step.isEmpty());
  button_->setEnabled(engine_ && engine_->isFresh());
  button_->setText(muted_ ? tr("Unmute") : tr("Mute…"));
  button_->setToolTip(muted_ ? tr("Muted by %1 %2 ago: %3").arg(state->mutedBy, duration(wallClockNow() - state->mutedAt), state->mutedWhy)
                             : tr("It raises no alarm until it is unmuted, and goes on checking"));
}

void MuteControl::press() {
  if (!engine_) return;
  const auto act = muted_ ? MuteFlow::Act::Unmute : MuteFlow::Act::Mute;
  if (act == MuteFlow::Act::Mute) {
    action_->setUndo([engine = engine_, expectation = expectation_]() -> std::unique_ptr<ActionFlow> {
      return engine ? std::make_unique<MuteFlow>(*engine, expectation, MuteFlow::Act::Unmute) : nullptr;
    });
  } else {
    action_->setUndo(nullptr);
  }
  action_->press(std::make_unique<MuteFlow>(*engine_, expectation_, act));
}

}  // namespace penstock::ui
