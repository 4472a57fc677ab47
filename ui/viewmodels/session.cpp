#include "viewmodels/session.h"

namespace penstock::ui {

Session::Session(Fleet& given, QObject* parent)
    : QObject(parent), fleet(given), pipelines(given), pods(given), expectations(given), replays(given), attention(given), engines(given) {
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

Connection* Session::engineOf(const Link& link) const {
  Connection* named = fleet.find(link.engine);
  return named ? named : engine();
}

void Session::setTimeZone(TimeZone zone) {
  if (std::exchange(zone_, zone) != zone) emit timeZoneChanged();
}

}  // namespace penstock::ui
