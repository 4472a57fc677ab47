#include "viewmodels/session.h"

#include <algorithm>

namespace penstock::ui {

Session::Session(Fleet& engines_given, Preferences& preferences_given, QObject* parent)
    : QObject(parent),
      fleet(engines_given),
      preferences(preferences_given),
      pipelines(fleet),
      pods(fleet),
      expectations(fleet),
      replays(fleet),
      attention(fleet),
      engines(fleet) {
  connect(&preferences, &Preferences::timeZoneChanged, this, &Session::timeZoneChanged);
  connect(&fleet, &Fleet::added, this, [this] {
    if (fleet.size() == 1) emit engineChanged();
  });
  connect(
      &fleet, &Fleet::aboutToRemove, this,
      [this](Connection* gone) {
        if (engine() != gone) return;
        chosen_.clear();
        for (const Connection* other : fleet.connections()) {
          if (other != gone) chosen_ = other->name();
        }
        emit engineChanged();
      });
}

Connection* Session::engine() const {
  if (Connection* chosen = fleet.find(chosen_)) return chosen;
  const auto all = fleet.connections();
  return all.empty() ? nullptr : all.front();
}

void Session::chooseEngine(const QString& name) {
  if (engine() && engine()->name() == name) return;
  chosen_ = name;
  emit engineChanged();
}

bool Session::isWaiting() const {
  const auto all = fleet.connections();
  return std::none_of(all.begin(), all.end(), [](const Connection* engine) { return isKnown(engine->picture().at); });
}

Connection* Session::engineOf(const Link& link) const {
  Connection* named = fleet.find(link.engine);
  return named ? named : engine();
}

void Session::setShownAt(std::optional<Instant> at) {
  if (at == shownAt_) return;
  shownAt_ = at;
  emit shownAtChanged();
}

Link Session::expectationLink(const QString& engine, const QString& pipeline, const QString& expectation) const {
  QString step;
  for (int row = 0; row < expectations.rowCount(); ++row) {
    const auto& known = expectations.row(row);
    if (known.engine->name() == engine && known.state.pipeline == pipeline && known.state.name == expectation) step = known.state.step;
  }
  return {engine, QStringLiteral("quality"), QStringList{pipeline, step, expectation}.join('/'), {}};
}

}  // namespace penstock::ui
