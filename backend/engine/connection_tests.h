#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/applied_workspace.h"
#include "io/connector.h"

namespace penstock {

struct ConnectionView {
  std::string name;
  std::string kind;
  std::string endpoint;                   // host, brokers, url or path as declared; never a secret
  std::vector<std::string> used_by;       // streams
};

struct ConnectionOutcome {
  bool reached = false;
  std::string message;                    // what was reached, or why not
  std::chrono::microseconds took{};
};

// The connections of the applied workspace, and whether they can be reached. Thread-safe; the parts outlive it.
class ConnectionTests {
 public:
  ConnectionTests(const AppliedWorkspace& applied, const ConnectorCatalog& connectors) : applied_(applied), connectors_(connectors) {}

  std::vector<ConnectionView> list() const;
  // With the registry that it names. At most 10 s, and 5 s for each address of a registry. not_found for an unknown name; unsupported where its connector has no test.
  Result<ConnectionOutcome> test(const std::string& name) const;

 private:
  const AppliedWorkspace& applied_;
  const ConnectorCatalog& connectors_;
};

}  // namespace penstock
