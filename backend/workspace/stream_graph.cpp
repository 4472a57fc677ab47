#include "workspace/stream_graph.h"

#include <algorithm>
#include <map>
#include <set>

#include "workspace/rows_of_steps.h"
#include "workspace/table_name.h"

namespace penstock {
namespace {

std::vector<std::string> names_of_inputs(const StreamSpec& stream) {
  std::vector<std::string> names;
  for (const SourceSpec& source : stream.sources) names.push_back(source.name);
  for (const StepSpec& step : stream.steps) names.push_back(step.name);
  return names;
}

void check_step_names(const StreamSpec& stream, Problems& problems) {
  for (const StepSpec& step : stream.steps) {
    const bool is_source = std::any_of(stream.sources.begin(), stream.sources.end(), [&](const SourceSpec& s) { return s.name == step.name; });
    const bool is_reserved = step.name == "input" || step.name == "source";
    if (is_source || is_reserved)
      problems.push_back({step.at, "a step cannot be named " + quote(step.name) + ": " + (is_source ? "it is a source" : "SQL gives the name a meaning"),
                          "another name", {}});
  }
}

void fill_in_from(StreamSpec& stream, Problems& problems) {
  for (std::size_t i = 0; i < stream.steps.size(); ++i) {
    StepSpec& step = stream.steps[i];
    if (!step.from.empty() || step.from_at.line != 0) continue;
    if (stream.sources.size() > 1) {
      std::vector<std::string> names = names_of_inputs(stream);
      std::erase(names, step.name);
      problems.push_back({step.at, "the step " + quote(step.name) + " of a stream with several sources has no 'from'", "one of " + joined(names), {}});
    } else if (i > 0) {
      step.from = {stream.steps[i - 1].name};
    } else if (!stream.sources.empty()) {
      step.from = {stream.sources.front().name};
    }
  }
}

void check_from(const StreamSpec& stream, Problems& problems) {
  const std::vector<std::string> known = names_of_inputs(stream);
  for (const StepSpec& step : stream.steps) {
    std::set<std::string> seen;
    for (const std::string& from : step.from) {
      const Location& at = step.join ? (from == step.join->left.from && seen.empty() ? step.join->left : step.join->right).from_at : step.from_at;
      if (std::find(known.begin(), known.end(), from) == known.end())
        problems.push_back({at, "the step " + quote(step.name) + " reads from " + quote(from) + ", which is neither a source nor a step",
                            "one of " + joined(known), did_you_mean(from, known)});
      else if (!seen.insert(from).second)
        problems.push_back({at, "the step " + quote(step.name) + " reads from " + quote(from) + " twice", "each name once", {}});
    }
  }
}

// Walks upwards from every step; a step met again on the way up closes a cycle, reported once at its first member.
class CycleFinder {
 public:
  CycleFinder(const StreamSpec& stream, Problems& problems) : stream_(stream), problems_(problems) {
    for (const StepSpec& step : stream.steps) by_name_.emplace(step.name, &step);
  }

  void run() {
    for (const StepSpec& step : stream_.steps) visit(step);
  }

 private:
  enum class Mark { unseen, open, done };

  // Iterative: a chain of thousands of steps must not become as many frames.
  void visit(const StepSpec& start) {
    struct Frame {
      const StepSpec* step;
      std::size_t next = 0;
    };
    if (marks_[&start] != Mark::unseen) return;
    std::vector<Frame> path{{&start}};
    marks_[&start] = Mark::open;
    while (!path.empty()) {
      Frame& frame = path.back();
      if (frame.next == frame.step->from.size()) {
        marks_[frame.step] = Mark::done;
        path.pop_back();
        continue;
      }
      const auto found = by_name_.find(frame.step->from[frame.next++]);
      if (found == by_name_.end()) continue;
      const StepSpec* upstream = found->second;
      if (marks_[upstream] == Mark::unseen) {
        marks_[upstream] = Mark::open;
        path.push_back({upstream});
      } else if (marks_[upstream] == Mark::open) {
        std::string ring;
        const auto first = std::find_if(path.begin(), path.end(), [&](const Frame& f) { return f.step == upstream; });
        for (auto it = first; it != path.end(); ++it) ring += it->step->name + " ← ";
        const Location at = upstream->from_at.line ? upstream->from_at : upstream->at;
        problems_.push_back({at, "the steps feed each other in a circle: " + ring + upstream->name, "steps that lead from a source to a sink", {}});
      }
    }
  }

  const StreamSpec& stream_;
  Problems& problems_;
  std::map<std::string, const StepSpec*, std::less<>> by_name_;
  std::map<const StepSpec*, Mark> marks_;
};

// A step's landed table is written by a delta sink like any other.
void add_landing_sinks(StreamSpec& stream) {
  std::vector<SinkSpec> landings;
  for (const StepSpec& step : stream.steps) {
    if (step.land.empty()) continue;
    SinkSpec sink;
    sink.from = step.name;
    sink.from_at = step.land_at;
    sink.kind = "delta";
    sink.table = step.land;
    sink.at = step.land_at;
    sink.settings = Settings(table_setting(step.land, step.land_at));
    landings.push_back(std::move(sink));
  }
  stream.sinks.insert(stream.sinks.begin(), std::make_move_iterator(landings.begin()), std::make_move_iterator(landings.end()));
}

}  // namespace

bool takes_dead_letters(const StreamSpec& stream, const SinkSpec& sink) {
  return sink.from == "dead_letters" && std::none_of(stream.steps.begin(), stream.steps.end(), [](const StepSpec& step) { return step.name == "dead_letters"; });
}

namespace {

void name_sinks(StreamSpec& stream, Problems& problems) {
  std::vector<std::string> steps;
  for (const StepSpec& step : stream.steps) steps.push_back(step.name);
  std::set<std::string> names;
  for (SinkSpec& sink : stream.sinks) {
    sink.name = sink.from + "." + sink.kind + (sink.table.empty() ? "" : "." + sink.table);
    if (takes_dead_letters(stream, sink)) {
      if (sink.kind != "kafka")
        problems.push_back({sink.at, "dead letters go to a kafka sink", "{ from: dead_letters, kafka: { connection, topic } }; the table dead_letters." + stream.name + " has them in any case", {}});
      else if (!sink.key.empty() || sink.mode == WriteMode::upsert)
        problems.push_back({sink.at, "dead letters keep the key that they came with", "no 'key' and no 'mode'", {}});
      else if (!names.insert(sink.name).second)
        problems.push_back({sink.at, "the sink " + quote(sink.name) + " stands here twice", "each step into each table once", {}});
    } else if (!sink.from.empty() && std::find(steps.begin(), steps.end(), sink.from) == steps.end())
      problems.push_back({sink.from_at, "a sink takes its rows from " + quote(sink.from) + ", which is no step", "one of " + joined(steps),
                          did_you_mean(sink.from, steps)});
    else if (!names.insert(sink.name).second)
      problems.push_back({sink.at, "the sink " + quote(sink.name) + " stands here twice", "each step into each table once", {}});
  }
}

// After the steps with changes have said what their sinks do.
void check_upserts(const StreamSpec& stream, Problems& problems) {
  for (const SinkSpec& sink : stream.sinks) {
    if (sink.mode != WriteMode::upsert) continue;
    if (sink.key.empty())
      problems.push_back({sink.settings.root().at, "the " + sink.kind + " sink has no 'key'",
                          "the columns that make a row the same, for mode: upsert: key: [sku, window_start]", {}});
    if (sink.kind == "delta" && sink.table.starts_with("bronze."))
      problems.push_back({sink.at, "a bronze table only takes new rows, and those for " + quote(sink.name) + " take the place of others", "a table of silver or gold", {}});
  }
}

void check_connection(const std::string& name, const std::string& kind, const Location& at, const Workspace& workspace,
                      const SettingCatalog& catalog, Problems& problems) {
  if (name.empty()) return;
  const auto declared = catalog.connectors.find(kind);
  if (declared == catalog.connectors.end() || declared->second.connection.empty()) return;
  const std::string& wanted = declared->second.connection_kind.empty() ? kind : declared->second.connection_kind;
  const ConnectionSpec* connection = workspace.find_connection(name);
  std::vector<std::string> fitting;
  for (const ConnectionSpec& one : workspace.connections)
    if (one.kind == wanted) fitting.push_back(one.name);
  const std::string expected = fitting.empty() ? "a " + wanted + " connection in connections.yaml" : "one of " + joined(fitting);
  if (!connection)
    problems.push_back({at, "there is no connection " + quote(name), expected, did_you_mean(name, fitting)});
  else if (connection->kind != wanted)
    problems.push_back({at, "the connection " + quote(name) + " is for " + connection->kind + ", not for " + wanted, expected, {}});
}

// The place of `connection:` in a source or sink.
Location connection_at(const Settings& settings, const Location& otherwise) {
  const Setting* found = settings.root().find("connection");
  return found ? found->at : otherwise;
}

// Remembers who writes a table, and reports the second one.
class Writers {
 public:
  explicit Writers(Problems& problems) : problems_(problems) {}

  void add(const std::string& store, const std::string& table, const Location& at) {
    const auto [first, is_new] = first_.emplace(std::pair(store, table), at);
    if (!is_new)
      problems_.push_back({at, "the table " + quote(table) + " has two writers", "one; the first is at " + first->second.to_string(), {}});
  }

 private:
  Problems& problems_;
  std::map<std::pair<std::string, std::string>, Location> first_;
};

}  // namespace

void resolve_stream(StreamSpec& stream, Problems& problems) {
  check_step_names(stream, problems);
  fill_in_from(stream, problems);
  check_from(stream, problems);
  CycleFinder(stream, problems).run();
  add_landing_sinks(stream);
  name_sinks(stream, problems);
  resolve_rows_that_come_again(stream, problems);
  check_upserts(stream, problems);
}

void check_across_streams(const Workspace& workspace, const SettingCatalog& catalog, Problems& problems) {
  std::map<std::string, Location> streams;
  Writers writers(problems);
  for (const StreamSpec& stream : workspace.streams) {
    const auto [first, is_new] = streams.emplace(stream.name, stream.at);
    if (!is_new && !stream.name.empty())
      problems.push_back({stream.at, "there are two streams " + quote(stream.name), "one; the first is at " + first->second.to_string(), {}});
    for (const SourceSpec& source : stream.sources)
      check_connection(source.connection, source.kind, connection_at(source.settings, source.at), workspace, catalog, problems);
    for (const SinkSpec& sink : stream.sinks) {
      check_connection(sink.connection, sink.kind, connection_at(sink.settings, sink.at), workspace, catalog, problems);
      const bool is_table = sink.kind == "delta" || sink.kind == "postgres" || sink.kind == "sqlite" || sink.kind == "duckdb" || sink.kind == "odbc";
      const std::string file = sink.kind == "sqlite" || sink.kind == "duckdb" ? sink.kind + " " + sink.settings.text("path") : "";
      if (is_table && !sink.table.empty()) writers.add(sink.connection.empty() ? file : sink.connection, sink.table, sink.at);
    }
    for (const StepSpec& step : stream.steps)
      if (const std::string late = step.late_table(); !late.empty()) writers.add("", late, step.late_table_at());
  }
}

}  // namespace penstock
