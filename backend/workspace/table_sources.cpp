#include "workspace/table_sources.h"

#include <algorithm>
#include <map>
#include <set>

namespace penstock {
namespace {

struct Landing {
  const StreamSpec* stream = nullptr;
  bool replaces = false;               // rows take the place of others
};

using Landings = std::map<std::string, Landing>;

Landings landings_of(const Workspace& workspace) {
  Landings landings;
  for (const StreamSpec& stream : workspace.streams) {
    for (const SinkSpec& sink : stream.sinks)
      if (sink.kind == "delta") landings.try_emplace(sink.table, Landing{&stream, sink.mode == WriteMode::upsert});
    for (const StepSpec& step : stream.steps)
      if (const std::string late = step.late_table(); !late.empty()) landings.try_emplace(late, Landing{&stream, false});
  }
  return landings;
}

const Setting* table_of(const SourceSpec& source) { return source.kind == "table" ? source.settings.root().find("table") : nullptr; }

void check_source(const SourceSpec& source, const Landings& landings, Problems& problems) {
  const Setting* table = table_of(source);
  const Setting* path = source.settings.root().find("path");
  if (!table == !path) {
    problems.push_back({source.at, "a table source names one table", "table: silver.sales, or path: the folder of a table that others write", {}});
    return;
  }
  if (const Setting* version = source.settings.root().find("start_version"); version && source.settings.has("start"))
    problems.push_back({version->at, "'start_version' stands instead of 'start'", "one of the two", {}});
  if (!table) return;
  const auto landing = landings.find(table->text);
  if (landing == landings.end()) {
    std::vector<std::string> known;
    for (const auto& [name, of] : landings) known.push_back(name);
    problems.push_back({table->at, "there is no table " + quote(table->text) + " here: no step lands it", known.empty() ? "a table that a step lands" : "one of " + joined(known) + ", or path: the folder of a table that others write",
                        did_you_mean(table->text, known)});
  } else if (landing->second.replaces) {
    problems.push_back({table->at, "the rows of " + quote(table->text) + " take the place of others, and a table's stream gives only rows that are added",
                        "a table that is only appended to; or a `lookup` into this one; or the table that its rows are made from", {}});
  }
}

// Walks from each stream to those whose tables it reads; a stream met again on the way closes a circle, reported once.
class CircleFinder {
 public:
  CircleFinder(const Workspace& workspace, const Landings& landings, Problems& problems) : landings_(landings), problems_(problems) {
    for (const StreamSpec& stream : workspace.streams) visit(stream);
  }

 private:
  void visit(const StreamSpec& start) {
    struct Frame {
      const StreamSpec* stream;
      std::size_t next = 0;                // of its sources
      std::string table;                   // of this stream, which the one before reads
    };
    if (!done_.insert(&start).second) return;
    std::vector<Frame> path{{&start, 0, {}}};
    while (!path.empty()) {
      if (path.back().next == path.back().stream->sources.size()) {
        path.pop_back();
        continue;
      }
      const Setting* table = table_of(path.back().stream->sources[path.back().next++]);
      const auto landing = table ? landings_.find(table->text) : landings_.end();
      if (landing == landings_.end()) continue;
      const StreamSpec* writer = landing->second.stream;
      const auto first = std::find_if(path.begin(), path.end(), [&](const Frame& frame) { return frame.stream == writer; });
      if (first != path.end()) {
        std::string ring;
        for (auto frame = first; frame != path.end(); ++frame) ring += frame->stream->name + " ← " + (frame + 1 == path.end() ? table->text : (frame + 1)->table) + " ← ";
        problems_.push_back({table->at, "the streams feed each other in a circle: " + ring + writer->name, "a table that comes from elsewhere", {}});
      } else if (done_.insert(writer).second) {
        path.push_back({writer, 0, table->text});
      }
    }
  }

  const Landings& landings_;
  Problems& problems_;
  std::set<const StreamSpec*> done_;
};

}  // namespace

void check_table_sources(const Workspace& workspace, Problems& problems) {
  const Landings landings = landings_of(workspace);
  for (const StreamSpec& stream : workspace.streams)
    for (const SourceSpec& source : stream.sources)
      if (source.kind == "table") check_source(source, landings, problems);
  CircleFinder(workspace, landings, problems);
}

}  // namespace penstock
