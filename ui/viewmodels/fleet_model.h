#pragma once

// The base of the live tables: one row for each (engine, thing). What changed is shown at most ten times a second, only
// in the rows it concerns; rows of a silent engine stay, dimmed, and their states become unknown.

#include <algorithm>
#include <QAbstractTableModel>
#include <QElapsedTimer>
#include <QHash>
#include <QSet>
#include <QTimer>

#include "client/fleet.h"
#include "viewmodels/format.h"
#include "viewmodels/link.h"
#include "viewmodels/roles.h"
#include "viewmodels/states.h"

namespace penstock::ui {

template <typename State>
class FleetModel : public QAbstractTableModel {
 public:
  struct Row {
    const Connection* engine;
    State state;
  };

  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
  }
  const Row& row(int index) const { return rows_[static_cast<size_t>(index)]; }
  // -1: no such row. An empty engine takes the first engine that has it.
  int find(const QString& engine, const QString& key) const {
    for (const Connection* connection : fleet_.connections()) {
      if (!engine.isEmpty() && connection->name() != engine) continue;
      if (const auto place = places_.constFind({connection, key}); place != places_.constEnd()) return *place;
    }
    return -1;
  }
  Fleet& fleet() const { return fleet_; }

 protected:
  FleetModel(Fleet& fleet, QObject* parent) : QAbstractTableModel(parent), fleet_(fleet) {
    flushing_.setSingleShot(true);
    connect(&flushing_, &QTimer::timeout, this, [this] { flush(); });
    ageing_.setInterval(1'000);
    connect(&ageing_, &QTimer::timeout, this, [this] { touchAll(); });
    ageing_.start();
    connect(&fleet, &Fleet::stateChanged, this, [this] { touchAll(); });
    connect(&fleet, &Fleet::aboutToRemove, this, [this](Connection* engine) { removeAll(engine); });
  }

  virtual QString keyOf(const State& state) const = 0;

  // For the constructor of the derived model: what the engines have told before it existed, and all that follows.
  template <typename Known, typename Changed>
  void listen(Known known, Changed changed) {
    for (Connection* engine : fleet_.connections()) take(engine, known(engine->picture()), {}, false);
    connect(&fleet_, &Fleet::changed, this, [this, changed](Connection* engine, const TelemetryChanges& changes) {
      const auto [states, removed] = changed(changes);
      take(engine, *states, removed, changes.full);
    });
  }

  static bool isUnknown(const Row& row) { return row.engine->state() == EngineState::NotAnswering; }
  static bool isStale(const Row& row) { return !row.engine->isFresh(); }
  static Micros silence(const Row& row) { return row.engine->behind(); }

 private:
  using Place = QPair<const Connection*, QString>;
  static constexpr qint64 flushEveryMs = 100;

  void take(const Connection* engine, const std::vector<State>& states, const QStringList& removed, bool full) {
    QSet<QString> named;
    std::vector<const State*> added;
    for (const State& state : states) {
      const QString key = keyOf(state);
      if (full) named.insert(key);
      const auto place = places_.constFind({engine, key});
      if (place == places_.constEnd()) {
        added.push_back(&state);
      } else {
        rows_[static_cast<size_t>(*place)].state = state;
        touch(*place);
      }
    }
    if (!removed.isEmpty() || full) {
      removeIf([&](const Row& row) {
        if (row.engine != engine) return false;
        const QString key = keyOf(row.state);
        return full ? !named.contains(key) : removed.contains(key);
      });
    }
    if (added.empty()) return;
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(added.size()) - 1);
    for (const State* state : added) {
      places_.insert({engine, keyOf(*state)}, rowCount());
      rows_.push_back({engine, *state});
    }
    endInsertRows();
  }

  template <typename Condition>
  void removeIf(Condition gone) {
    bool any = false;
    for (int i = rowCount() - 1; i >= 0; --i) {
      if (!gone(rows_[static_cast<size_t>(i)])) continue;
      beginRemoveRows({}, i, i);
      rows_.erase(rows_.begin() + i);
      if (!any) places_.clear();  // rebuilt below; nothing reads it meanwhile
      any = true;
      endRemoveRows();
    }
    if (!any) return;
    for (int i = 0; i < rowCount(); ++i) places_.insert({row(i).engine, keyOf(row(i).state)}, i);
    dirty_.clear();
    touchAll();
  }

  void removeAll(const Connection* engine) {
    removeIf([engine](const Row& row) { return row.engine == engine; });
  }

  // At once where the last time is long enough ago, else together with what follows.
  void touch(int row) {
    dirty_.insert(row);
    if (flushing_.isActive()) return;
    const qint64 since = flushed_.isValid() ? flushed_.elapsed() : flushEveryMs;
    flushing_.start(static_cast<int>(std::max<qint64>(flushEveryMs - since, 0)));
  }

  void flush() {
    flushed_.start();
    QList<int> rows(dirty_.cbegin(), dirty_.cend());
    dirty_.clear();
    std::sort(rows.begin(), rows.end());
    for (qsizetype i = 0; i < rows.size();) {
      qsizetype last = i;
      while (last + 1 < rows.size() && rows[last + 1] == rows[last] + 1) ++last;
      emit dataChanged(index(rows[i], 0), index(rows[last], columnCount() - 1));
      i = last + 1;
    }
  }

  void touchAll() {
    if (rowCount() > 0) emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
  }

  Fleet& fleet_;
  std::vector<Row> rows_;
  QHash<Place, int> places_;
  QSet<int> dirty_;
  QTimer flushing_;
  QElapsedTimer flushed_;
  QTimer ageing_;
};

// The values of a hash, for FleetModel::listen.
template <typename State>
std::vector<State> valuesOf(const QHash<QString, State>& states) {
  return {states.cbegin(), states.cend()};
}

}  // namespace penstock::ui
