#include "telemetry/attention.h"

#include <algorithm>
#include <set>

#include "telemetry/wording.h"

namespace penstock {
namespace {

std::string held_back(const PipelineDeclaration& declaration) {
  const auto tables = static_cast<std::int64_t>(declaration.tables_held.size()), sinks = static_cast<std::int64_t>(declaration.sinks_held.size());
  if (tables == 0 && sinks == 0) return "Holds back nothing else";
  std::string text = "Holds back ";
  if (tables > 0) text += count_of(tables, "table");
  if (tables > 0 && sinks > 0) text += ", ";
  if (sinks > 0) text += count_of(sinks, "sink");
  return text;
}

std::string stops(const std::vector<std::string>& pipelines) {
  if (pipelines.empty()) return "Runs no pipeline";
  if (pipelines.size() == 1) return "Stops " + pipelines.front();
  return "Stops " + count_of(static_cast<std::int64_t>(pipelines.size()), "pipeline");
}

Attention card(std::string id, std::string severity, const PipelineTracker& pipeline) {
  Attention card;
  card.id = std::move(id);
  card.severity = std::move(severity);
  card.pipeline = pipeline.state().name;
  card.pod = pipeline.pod();
  card.since = pipeline.state().status_since;
  card.detail = pipeline.state().reason;
  card.impact = held_back(pipeline.declaration());
  card.first_action = "logs";
  return card;
}

Attention pod_card(std::string id, const PodState& pod, std::string subject, std::string action) {
  Attention card;
  card.id = std::move(id);
  card.severity = "failing";
  card.subject = std::move(subject);
  card.impact = stops(pod.pipelines);
  card.detail = pod.reason;
  card.since = pod.phase_since;
  card.pod = pod.name;
  if (pod.pipelines.size() == 1) card.pipeline = pod.pipelines.front();
  card.first_action = std::move(action);
  return card;
}

const SinkState* refusing_sink(const PipelineState& state) {
  for (const SinkState& sink : state.sinks)
    if (sink.circuit != CircuitState::closed) return &sink;
  return nullptr;
}

// The state of the whole pipeline, when it needs somebody.
void add_state_card(const PipelineTracker& pipeline, std::vector<Attention>& cards) {
  const PipelineState& state = pipeline.state();
  switch (state.status) {
    case PipelineStatus::stuck:
      cards.push_back(card("stuck/" + state.name, "failing", pipeline));
      cards.back().subject = state.name + " is stuck";
      cards.back().first_action = "reset";
      return;
    case PipelineStatus::failing:
      cards.push_back(card("failing/" + state.name, "failing", pipeline));
      cards.back().subject = state.name + " is failing";
      return;
    case PipelineStatus::unknown:
      cards.push_back(card("unknown/" + state.name, "failing", pipeline));
      cards.back().subject = state.name + " is silent";
      return;
    case PipelineStatus::degraded: break;
    default: return;
  }
  if (const SinkState* sink = refusing_sink(state)) {
    cards.push_back(card("circuit/" + state.name + "/" + sink->name, "warning", pipeline));
    cards.back().subject = state.name + " cannot deliver to " + sink->name;
    cards.back().impact = count_of(sink->waiting_rows, "row") + (sink->waiting_rows == 1 ? " waits" : " wait");
    cards.back().since = sink->circuit_since > 0 ? sink->circuit_since : state.status_since;
    if (sink->next_try > 0) cards.back().detail += " · next try " + clock_time(sink->next_try);
  } else if (pipeline.alarmed().empty() && !pipeline.dead_letter_alarm()) {
    cards.push_back(card("degraded/" + state.name, "warning", pipeline));
    cards.back().subject = state.name + " is degraded";
  }
}

void add_rows_cards(const PipelineTracker& pipeline, std::vector<Attention>& cards) {
  const std::string& name = pipeline.state().name;
  for (const auto& [expectation, since] : pipeline.alarmed()) {
    cards.push_back(card("expectation/" + name + "/" + expectation.step + "/" + expectation.name, "warning", pipeline));
    Attention& added = cards.back();
    added.subject = expectation.name + " fails " + percent_of(expectation.rate) + " of " + name;
    const std::string fate = expectation.on_fail == "drop" ? " dropped" : expectation.on_fail == "quarantine" ? " in quarantine" : " failed";
    added.impact = count_of(expectation.failed_recently, "row") + fate + " · usual rate " + percent_of(expectation.usual_rate);
    added.detail = expectation.sql;
    added.since = since;
    added.expectation = expectation.name;
    added.first_action = "show_rows";
  }
  if (const auto& dead = pipeline.dead_letter_alarm()) {
    cards.push_back(card("dead_letters/" + name, "warning", pipeline));
    Attention& added = cards.back();
    added.subject = percent_of(dead->first.rate) + " of " + name + " ends in dead letters";
    added.impact = count_of(dead->first.failed_recently, "row") + " in dead letters · usual rate " + percent_of(dead->first.usual_rate);
    added.detail = "These rows could not be processed";
    added.since = dead->second;
    added.first_action = "show_rows";
  }
}

}  // namespace

std::vector<Attention> what_needs_you(const std::vector<const PipelineTracker*>& pipelines, const std::vector<PodState>& pods,
                                      const std::vector<Attention>& alarms) {
  std::vector<Attention> cards = alarms;
  std::set<std::string> pods_that_stand_for_all;
  for (const PodState& pod : pods) {
    if (pod.phase == PodPhase::crash_loop) cards.push_back(pod_card("crash_loop/" + pod.name, pod, pod.name + " is in a crash loop", "logs"));
    else if (pod.phase == PodPhase::unknown) cards.push_back(pod_card("silent/" + pod.name, pod, pod.name + " does not answer", "reset"));
    else continue;
    pods_that_stand_for_all.insert(pod.name);
  }
  for (const PipelineTracker* pipeline : pipelines) {
    if (!pods_that_stand_for_all.contains(pipeline->pod())) add_state_card(*pipeline, cards);
    add_rows_cards(*pipeline, cards);
  }
  std::stable_sort(cards.begin(), cards.end(), [](const Attention& a, const Attention& b) {
    if (a.severity != b.severity) return a.severity == "failing";
    return a.since < b.since;
  });
  return cards;
}

}  // namespace penstock
