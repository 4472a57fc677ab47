#include "pages/attention_cards.h"

#include <algorithm>
#include <QApplication>
#include <QGridLayout>

#include "pages/action_sheet.h"
#include "viewmodels/pipeline_flow.h"
#include "viewmodels/reset_flow.h"
#include "viewmodels/session.h"
#include "widgets/attention_card.h"
#include "widgets/button.h"
#include "widgets/inline_sheet.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

// What can be pressed on a card: the engine's advice first.
QList<AttentionText::Action> actionsOf(const Attention& attention) {
  QList<AttentionText::Action> actions;
  const auto add = [&](const char* id, const QString& text) {
    const bool there = std::any_of(actions.begin(), actions.end(), [&](const auto& action) { return action.id == QLatin1String(id); });
    if (!there) actions.append({QString::fromLatin1(id), text});
  };
  const QString& first = attention.firstAction;
  if (first == "reset" && !attention.pod.isEmpty()) add("reset", AttentionCards::tr("Reset and replay the gap"));
  if (first == "show_rows" || !attention.expectation.isEmpty()) add("show_rows", AttentionCards::tr("Show the rows"));
  if (first == "resume") add("resume", AttentionCards::tr("Resume"));
  if (first == "connect") add("connect", AttentionCards::tr("Try again"));
  if (first == "logs" || !attention.pod.isEmpty()) add("logs", AttentionCards::tr("Logs"));
  if (!attention.pipeline.isEmpty()) add("lineage", AttentionCards::tr("Lineage"));
  return actions;
}

AttentionText textOf(const AttentionModel::Item& item, bool severalEngines) {
  const Attention& attention = item.attention;
  AttentionText text;
  text.id = attention.id;
  text.shape = attention.severity == "failing" ? StateShape::Failing : StateShape::Warning;
  text.subject = severalEngines && attention.firstAction != "connect" ? attention.subject + QStringLiteral(" · ") + item.engine : attention.subject;
  text.age = isKnown(attention.since) ? duration(wallClockNow() - attention.since) : QString();
  text.impact = attention.impact;
  text.detail = attention.detail;
  text.actions = actionsOf(attention);
  return text;
}

}  // namespace

struct AttentionCards::Place {
  AttentionModel::Item item;
  AttentionCard* card = nullptr;
  InlineSheet* sheet = nullptr;                 // made when first needed
  std::unique_ptr<ActionSheet> action;

  // A card stays while what it runs is not read yet.
  bool isBusy() const { return sheet && sheet->stage() != InlineSheet::Stage::Folded; }
  bool isHeld() const { return isBusy() || card->underMouse() || card->isAncestorOf(QApplication::focusWidget()) || card->hasFocus(); }
};

AttentionCards::AttentionCards(Session& session, QWidget* parent) : QWidget(parent), session_(session) {
  grid_ = new QGridLayout(this);
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setSpacing(12);
  more_ = new Button({}, Button::Kind::Link);
  connect(more_, &Button::clicked, this, [this] {
    mostShown_ += mostCards;
    refresh();
  });
  connect(&session.attention, &QAbstractItemModel::modelReset, this, &AttentionCards::refresh);
  ageing_.setInterval(1'000);
  connect(&ageing_, &QTimer::timeout, this, &AttentionCards::refresh);
  ageing_.start();
  refresh();
}

AttentionCards::~AttentionCards() = default;

void AttentionCards::refresh() {
  const AttentionModel& model = session_.attention;
  std::vector<std::unique_ptr<Place>> before = std::move(places_);
  places_.clear();
  const auto takeOld = [&](const AttentionModel::Item& item) -> std::unique_ptr<Place> {
    for (auto& place : before) {
      if (place && place->item.attention.id == item.attention.id && place->item.engine == item.engine) return std::move(place);
    }
    return nullptr;
  };
  int shown = 0;
  for (int row = 0; row < model.rowCount(); ++row) {
    std::unique_ptr<Place> place = takeOld(model.item(row));
    // No card goes under the hand because something worse has come.
    if (row >= mostShown_ && !(place && place->isHeld())) {
      before.push_back(std::move(place));
      continue;
    }
    ++shown;
    if (!place) {
      place = std::make_unique<Place>();
      place->card = new AttentionCard;
      Place* raw = place.get();
      connect(place->card, &AttentionCard::actionPressed, this, [this, raw](const QString&, const QString& action) { act(*raw, action); });
      connect(place->card, &AttentionCard::opened, this, [this, raw] {
        if (!raw->item.attention.pipeline.isEmpty()) session_.open({raw->item.engine, QStringLiteral("overview"), raw->item.attention.pipeline, {}});
      });
    }
    place->item = model.item(row);
    place->card->setText(textOf(place->item, session_.fleet.size() > 1));
    places_.push_back(std::move(place));
  }
  for (auto& place : before) {
    if (place && place->isBusy()) places_.push_back(std::move(place));
    else if (place) place->card->deleteLater();
  }
  for (int i = 0; i < static_cast<int>(places_.size()); ++i) {
    AttentionCard* card = places_[static_cast<size_t>(i)]->card;
    const int line = i / mostCards, column = i % mostCards;
    if (grid_->itemAtPosition(line, column) && grid_->itemAtPosition(line, column)->widget() == card) continue;
    grid_->removeWidget(card);
    grid_->addWidget(card, line, column);
  }
  for (int column = 0; column < mostCards; ++column) grid_->setColumnStretch(column, column < static_cast<int>(places_.size()) ? 1 : 0);
  const int hidden = model.rowCount() - shown;
  more_->setVisible(hidden > 0);
  more_->setText(tr("and %1 more").arg(hidden));
  setVisible(!places_.empty());
  // What a card tells is seen as soon as it stands on the screen.
  if (isVisible() && model.rowCount() > 0) session_.done(QStringLiteral("see"));
}

void AttentionCards::act(Place& place, const QString& action) {
  const Attention& attention = place.item.attention;
  Connection* engine = session_.fleet.find(place.item.engine);
  if (!engine) return;
  if (action == "show_rows") return session_.open(session_.expectationLink(place.item.engine, attention.pipeline, attention.expectation));
  if (action == "logs") return session_.open({place.item.engine, QStringLiteral("pods"), attention.pod, {}});
  if (action == "lineage") return session_.open({place.item.engine, QStringLiteral("lineage"), attention.pipeline, {}});
  if (action == "connect") return engine->retryNow();
  if (!place.sheet) {
    place.sheet = new InlineSheet;
    place.card->setSheet(place.sheet);
    place.action = std::make_unique<ActionSheet>(place.sheet);
    connect(place.action.get(), &ActionSheet::finished, this, [this, action] { session_.done(action); });
  }
  if (action == "reset") place.action->press(std::make_unique<ResetFlow>(*engine, attention.pod));
  if (action == "resume") place.action->press(std::make_unique<PipelineFlow>(*engine, attention.pipeline, PipelineFlow::Act::Resume));
}

}  // namespace penstock::ui
