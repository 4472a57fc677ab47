#include "engine/applied_workspace.h"

namespace penstock {

SchemaPtr AppliedVersionView::schema_of_table(const std::string& table) const {
  for (const auto& stream : workspace->streams)
    for (const auto& sink : stream.sinks)
      if (sink.kind == "delta" && sink.table == table)
        if (const auto found = step_schemas.find(stream.name + "." + sink.from); found != step_schemas.end()) return found->second;
  return nullptr;
}

}  // namespace penstock
