#pragma once

#include <optional>
#include <QMetaType>
#include <QString>

#include "client/time.h"

namespace penstock::ui {

// penstock://engine/page/object?at=time opens exactly that view. `engine` may be empty: whichever has the object.
struct Link {
  QString engine;
  QString page;                 // overview, lineage, latency, quality, replay, pods, query, activity, settings
  QString object;               // "loyalty", "loyalty-2", "sales/silver/known_store", "sales/savepoints"; may be empty
  std::optional<Instant> at;    // empty: live
  // What is pressed there at once: "reset", "pause". Only within this window: no text of a link carries it, so that no page of
  // another program can act.
  QString press = {};

  QString toString() const;
  // Empty for anything that is no such link.
  static std::optional<Link> parse(const QString& text);

  bool operator==(const Link&) const = default;
};

}  // namespace penstock::ui

Q_DECLARE_METATYPE(penstock::ui::Link)
