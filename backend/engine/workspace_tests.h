#pragma once

// The tests of a workspace (tests/*.yaml): given rows go through the real stream code, what comes out of its steps is compared.

#include <functional>
#include <string>

#include "io/connector.h"
#include "workspace/spec.h"

namespace penstock {

struct TestOutcome {
  std::string name;
  bool passed = false;
  std::string detail;         // what differed, a line each
  std::string where;          // "tests/sales.yaml:1:1"
};

// Runs one test with state in a temporary folder. `catalog` gives the formats. Given values take the types of the source's contract;
// columns that a row leaves out are absent. Rows are compared without regard to order, by the columns that the expectation names.
TestOutcome run_workspace_test(const Workspace& workspace, const TestSpec& test, const ConnectorCatalog& catalog);

}  // namespace penstock
