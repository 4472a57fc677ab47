#include "workspace/rows_of_steps.h"

#include <algorithm>
#include <set>

namespace penstock {
namespace {

// Names the setting that makes rows come again.
std::string cause_of(const RowsOfStep& rows) {
  if (rows.source) return "the changes of the source " + quote(rows.source->name);
  if (rows.come == RowsOfStep::Come::by_key) return "the changes of the step " + quote(rows.because->name);
  const WindowSpec& window = *rows.because->window;
  return (window.updates != Duration::zero() ? "'emit: updates'" : "'late: update'") + std::string(" of the step ") + quote(rows.because->name);
}

// The step, and all that lead to it.
std::vector<const StepSpec*> upstream_of(const StreamSpec& stream, const StepSpec& step) {
  std::vector<const StepSpec*> steps{&step};
  for (std::size_t next = 0; next < steps.size(); ++next)
    for (const StepSpec& above : stream.steps)
      if (std::count(steps[next]->from.begin(), steps[next]->from.end(), above.name) > 0 && std::find(steps.begin(), steps.end(), &above) == steps.end()) steps.push_back(&above);
  return steps;
}

}  // namespace

std::map<std::string, RowsOfStep> rows_of_steps(const StreamSpec& stream) {
  std::map<std::string, RowsOfStep> rows;
  for (const SourceSpec& source : stream.sources)
    if (!source.change_key.empty()) rows[source.name] = {RowsOfStep::Come::by_key, source.change_key, nullptr, &source};
  const auto changes_of = [&](const StepSpec& step) {
    return std::find_if(stream.sources.begin(), stream.sources.end(), [&](const SourceSpec& source) {
      return !source.change_key.empty() && std::count(step.from.begin(), step.from.end(), source.name) > 0;
    });
  };
  for (const StepSpec& step : stream.steps) {
    RowsOfStep& of_step = rows[step.name];
    for (const StepSpec* one : upstream_of(stream, step)) {
      if (one->window && one->window->replaces()) of_step = {RowsOfStep::Come::by_window, {}, one};
      if (one->aggregate) of_step = {RowsOfStep::Come::by_key, one->aggregate->key, one};
      if (const auto source = changes_of(*one); !of_step.again() && source != stream.sources.end()) of_step = rows[source->name];
      if (of_step.again()) break;
    }
  }
  return rows;
}

const StepSpec* session_above(const StreamSpec& stream, const std::string& step) {
  for (const StepSpec& one : stream.steps) {
    if (one.name != step) continue;
    for (const StepSpec* above : upstream_of(stream, one))
      if (above->window && above->window->is_session()) return above;
  }
  return nullptr;
}

namespace {

void check_step(const StepSpec& step, const RowsOfStep& input, Problems& problems) {
  const auto refuse = [&](const Location& at, const std::string& what, std::string expected) {
    problems.push_back({at, what + " cannot take rows that come again: " + cause_of(input), std::move(expected), {}});
  };
  if (step.window) refuse(step.window->at, "a window", "a window over steps above it, or one that gives its rows once");
  if (step.aggregate) refuse(step.aggregate->at, "an aggregate", "an aggregate over steps above it, or over one that gives its rows once");
  if (step.join) refuse(step.join->at, "a join", "a join of steps above it, or of one that gives its rows once");
  if (step.from.size() > 1 && !step.join && input.come == RowsOfStep::Come::by_key)
    refuse(step.from_at, "a union", "a step of its own over these rows");
}

Setting text_at(const std::string& text, const Location& at) {
  Setting setting;
  setting.kind = Setting::Kind::text;
  setting.text = text;
  setting.at = at;
  return setting;
}

void upsert_by(const std::vector<std::string>& key, SinkSpec& sink) {
  Setting root = sink.settings.root();
  if (!root.find("mode")) root.entries.push_back({"mode", text_at("upsert", sink.at)});
  if (!root.find("key")) {
    Setting list = text_at("", sink.at);
    list.kind = Setting::Kind::list;
    for (const std::string& column : key) list.items.push_back(text_at(column, sink.at));
    root.entries.push_back({"key", std::move(list)});
    sink.key = key;
  }
  sink.mode = WriteMode::upsert;
  sink.settings = Settings(std::move(root));
}

void resolve_sink(SinkSpec& sink, const RowsOfStep& rows, Problems& problems) {
  if (rows.come == RowsOfStep::Come::by_key) {
    const bool appends = sink.mode != WriteMode::upsert && sink.settings.root().find("mode");
    if (appends) problems.push_back({sink.at, "the sink " + quote(sink.name) + " only appends, and gets " + cause_of(rows), "mode: upsert", {}});
    else if (!sink.key.empty() && std::set(sink.key.begin(), sink.key.end()) != std::set(rows.key.begin(), rows.key.end()))
      problems.push_back({sink.at, "the key of the sink " + quote(sink.name) + " is not that of " + cause_of(rows), "key: [" + joined(rows.key) + "], or none: it is known", {}});
    else upsert_by(rows.key, sink);
    return;
  }
  if (sink.kind == "delta" || sink.kind == "postgres" || sink.kind == "sqlite" || sink.kind == "duckdb" || sink.kind == "odbc" || sink.mode == WriteMode::upsert) return;
  problems.push_back({sink.at, "the sink " + quote(sink.name) + " only appends, and would have rows of a window more than once: " + cause_of(rows),
                      "mode: upsert with a key, or a window that gives its rows once", {}});
}

}  // namespace

void resolve_rows_that_come_again(StreamSpec& stream, Problems& problems) {
  const auto rows = rows_of_steps(stream);
  for (const StepSpec& step : stream.steps) {
    for (const std::string& from : step.from)
      if (const auto input = rows.find(from); input != rows.end() && input->second.again()) check_step(step, input->second, problems);
    if (step.dedupe && rows.at(step.name).again())
      problems.push_back({step.dedupe->at, "dedupe would leave out rows that come again: " + cause_of(rows.at(step.name)),
                          rows.at(step.name).come == RowsOfStep::Come::by_key ? "no dedupe here: a row takes the place of the one before" : "no dedupe here: rows of a window are replaced as a whole", {}});
  }
  for (SinkSpec& sink : stream.sinks)
    if (const auto from = rows.find(sink.from); from != rows.end() && from->second.again()) resolve_sink(sink, from->second, problems);
}

}  // namespace penstock
