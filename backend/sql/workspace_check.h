#pragma once

// Checks what only SQL can tell about a workspace: each step is compiled over the columns that reach it.

#include <functional>
#include <map>
#include <string>

#include "io/model.h"
#include "workspace/problem.h"
#include "workspace/spec.h"
#include "workspace/workspace_files.h"

namespace penstock {

// The columns of a source's rows as its steps see them: those of its contract, `_raw`, `_key`, `_headers`, origin.
// Null where they are not known before it runs (no contract). An error is reported at the source.
using SourceColumns = std::function<Result<SchemaPtr>(const SourceSpec&)>;

struct SqlCheck {
  Problems problems;                         // by place
  std::map<std::string, SchemaPtr> steps;    // "stream.step" → its output, of those that compile
  // "stream.step" → bytes of one row, estimated: windows whose SQL needs all their rows until they close.
  std::map<std::string, std::int64_t> kept_rows;
};

// `workspace` was loaded from `files` without problems. Seeds are read from its folder. What comes after a step that
// does not compile, or after a source whose columns are not known, is not checked. Without a loader, models are not looked at.
SqlCheck check_sql(const Workspace& workspace, const WorkspaceFiles& files, const SourceColumns& source_columns, const ModelLoader& models = {});

}  // namespace penstock
