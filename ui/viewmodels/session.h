#pragma once

#include <optional>
#include <QObject>

#include "client/fleet.h"
#include "viewmodels/attention_model.h"
#include "viewmodels/engines_model.h"
#include "viewmodels/expectations_model.h"
#include "viewmodels/format.h"
#include "viewmodels/link.h"
#include "viewmodels/pipelines_model.h"
#include "viewmodels/pods_model.h"
#include "viewmodels/preferences.h"
#include "viewmodels/replays_model.h"

namespace penstock::ui {

// What all pages of one window share: the engines, the live models over them, the preferences, and where to go. Made by
// the composition root and handed to each page; fleet and preferences must outlive it.
class Session : public QObject {
  Q_OBJECT
 public:
  Session(Fleet& fleet, Preferences& preferences, QObject* parent = nullptr);

  Fleet& fleet;
  Preferences& preferences;
  PipelinesModel pipelines;
  PodsModel pods;
  ExpectationsModel expectations;
  ReplaysModel replays;
  AttentionModel attention;
  EnginesModel engines;

  // The engine that pages of one engine show (lineage, query, …); null while there is none.
  Connection* engine() const;
  void chooseEngine(const QString& name);
  // That of a link, else the chosen one.
  Connection* engineOf(const Link& link) const;

  // No engine has told anything yet.
  bool isWaiting() const;

  TimeZone timeZone() const { return preferences.timeZone(); }

  // The past that the page in front shows; empty: what is live. Away from live nothing is done.
  const std::optional<Instant>& shownAt() const { return shownAt_; }
  void setShownAt(std::optional<Instant> at);

  // The view of its rows; the engine's reports name pipeline and expectation only.
  Link expectationLink(const QString& engine, const QString& pipeline, const QString& expectation) const;

  // Any page, from any page.
  void open(const Link& link) { emit openRequested(link); }
  // Something that the operator did to its end, for the demo's steps: "see", "rows", "redrive", "reset".
  void done(const QString& what) { emit somethingDone(what); }

 signals:
  void engineChanged();
  void timeZoneChanged();
  void shownAtChanged();
  void openRequested(const penstock::ui::Link& link);
  void somethingDone(const QString& what);

 private:
  QString chosen_;
  std::optional<Instant> shownAt_;
};

}  // namespace penstock::ui
