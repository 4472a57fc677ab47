#include "client/picture.h"

namespace penstock::ui {

QString edgeKey(const QString& pipeline, const QString& from, const QString& to) {
  return pipeline + '\n' + from + '\n' + to;
}

QString expectationKey(const QString& pipeline, const QString& step, const QString& name) {
  return pipeline + '\n' + step + '\n' + name;
}

void EnginePicture::take(const TelemetryChanges& changes) {
  if (changes.full) *this = {};
  sequence = changes.sequence;
  at = changes.at;
  for (const QString& name : changes.removedPipelines) pipelines.remove(name);
  for (const QString& name : changes.removedPods) pods.remove(name);
  for (const auto& state : changes.pipelines) pipelines.insert(state.name, state);
  for (const auto& state : changes.pods) pods.insert(state.name, state);
  for (const auto& state : changes.edges) edges.insert(edgeKey(state.pipeline, state.from, state.to), state);
  for (const auto& state : changes.expectations) {
    expectations.insert(expectationKey(state.pipeline, state.step, state.name), state);
  }
  for (const auto& state : changes.replays) replays.insert(state.id, state);
  if (changes.full || changes.attentionChanged) attention = changes.attention;
  background = changes.background;
}

}  // namespace penstock::ui
