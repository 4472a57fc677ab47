#include "rpc/rejected_journey.h"

#include <algorithm>
#include <set>

#include "io/scalar_text.h"
#include "record/node_id.h"
#include "telemetry/wording.h"

namespace penstock::rpc {
namespace {

const StepSpec* find_step(const StreamSpec& stream, const std::string& name) {
  const auto found = std::find_if(stream.steps.begin(), stream.steps.end(), [&](const StepSpec& step) { return step.name == name; });
  return found == stream.steps.end() ? nullptr : &*found;
}

// Names of all steps and sources before `step`.
void add_before(const StreamSpec& stream, const StepSpec& step, std::set<std::string>& names) {
  for (const auto& name : step.from) {
    if (!names.insert(name).second) continue;
    if (const auto* before = find_step(stream, name)) add_before(stream, *before, names);
  }
}

bool comes_after(const StreamSpec& stream, const StepSpec& step, const std::string& other) {
  std::set<std::string> before;
  add_before(stream, step, before);
  return before.contains(other);
}

void add_stop(v1::RejectedJourney& journey, std::string node, std::string label, std::string detail, const char* state, std::int64_t at) {
  auto& stop = *journey.add_stops();
  stop.set_node(std::move(node));
  stop.set_label(std::move(label));
  stop.set_detail(utf8_text(std::move(detail)));
  stop.set_state(state);
  stop.set_at(at);
}

}  // namespace

void add_journey(const Workspace& workspace, const RejectedRow& row, v1::RejectedJourney& journey) {
  const auto* stream = workspace.find_stream(row.stream);
  if (!stream) return;
  const auto* rejecting = find_step(*stream, row.step);
  std::set<std::string> passed;
  if (rejecting) add_before(*stream, *rejecting, passed);
  const bool at_source = !rejecting && row.step == "decode";
  const std::string position = row.source + " / " + std::to_string(row.position.partition) + " @ " + with_thousands(row.position.offset);
  for (const auto& source : stream->sources) {
    if (stream->sources.size() > 1 && rejecting && !passed.contains(source.name)) continue;
    add_stop(journey, node_id::source(stream->name, source.name), position, at_source ? row.reason : "", at_source ? "rejected" : "passed", row.source_time);
  }
  for (const auto& step : stream->steps) {
    const bool is_rejecting = &step == rejecting;
    const bool before = passed.contains(step.name);
    if (!is_rejecting && !before && rejecting && !comes_after(*stream, step, rejecting->name)) continue;
    // A sink refused it: it passed every step.
    const bool everywhere = !rejecting && !at_source;
    add_stop(journey, node_id::step(stream->name, step.name), step.land.empty() ? step.name : step.land, is_rejecting ? row.reason : "",
             is_rejecting ? "rejected" : before || everywhere ? "passed" : "never reached", is_rejecting ? row.rejected_at : 0);
  }
  if (!rejecting && !at_source) add_stop(journey, node_id::sink(stream->name, row.step, "", ""), row.step, row.reason, "rejected", row.rejected_at);
}

}  // namespace penstock::rpc
