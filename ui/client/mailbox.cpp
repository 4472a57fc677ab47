#include "client/mailbox.h"

#include <QHash>

#include "client/picture.h"

namespace penstock::ui {
namespace {

QString keyOf(const PipelineState& state) { return state.name; }
QString keyOf(const PodState& state) { return state.name; }
QString keyOf(const ReplayState& state) { return state.id; }
QString keyOf(const EdgeState& state) { return edgeKey(state.pipeline, state.from, state.to); }
QString keyOf(const ExpectationState& state) { return expectationKey(state.pipeline, state.step, state.name); }

template <typename State>
void mergeStates(std::vector<State>& older, std::vector<State>&& newer) {
  if (older.empty()) {
    older = std::move(newer);
    return;
  }
  QHash<QString, size_t> places;
  places.reserve(static_cast<qsizetype>(older.size()));
  for (size_t i = 0; i < older.size(); ++i) places.insert(keyOf(older[i]), i);
  for (State& state : newer) {
    const auto place = places.constFind(keyOf(state));
    if (place == places.constEnd()) {
      older.push_back(std::move(state));
    } else {
      older[*place] = std::move(state);
    }
  }
}

template <typename State>
void mergeRemoved(std::vector<State>& states, QStringList& olderRemoved, const std::vector<State>& newerStates,
                  const QStringList& newerRemoved) {
  for (const QString& name : newerRemoved) {
    std::erase_if(states, [&](const State& state) { return keyOf(state) == name; });
    if (!olderRemoved.contains(name)) olderRemoved.append(name);
  }
  for (const State& state : newerStates) olderRemoved.removeAll(keyOf(state));
}

}  // namespace

void merge(TelemetryChanges& older, TelemetryChanges newer) {
  if (newer.full) {
    older = std::move(newer);
    return;
  }
  mergeRemoved(older.pipelines, older.removedPipelines, newer.pipelines, newer.removedPipelines);
  mergeRemoved(older.pods, older.removedPods, newer.pods, newer.removedPods);
  mergeStates(older.pipelines, std::move(newer.pipelines));
  mergeStates(older.pods, std::move(newer.pods));
  mergeStates(older.edges, std::move(newer.edges));
  mergeStates(older.expectations, std::move(newer.expectations));
  mergeStates(older.replays, std::move(newer.replays));
  if (newer.attentionChanged) {
    older.attention = std::move(newer.attention);
    older.attentionChanged = true;
  }
  older.background = std::move(newer.background);
  older.engineId = newer.engineId;
  older.sequence = newer.sequence;
  older.at = newer.at;
}

bool Mailbox::put(TelemetryChanges changes) {
  const std::lock_guard lock(mutex_);
  if (full_) {
    merge(waiting_, std::move(changes));
    return false;
  }
  waiting_ = std::move(changes);
  full_ = true;
  return true;
}

TelemetryChanges Mailbox::take() {
  const std::lock_guard lock(mutex_);
  full_ = false;
  return std::exchange(waiting_, {});
}

}  // namespace penstock::ui
