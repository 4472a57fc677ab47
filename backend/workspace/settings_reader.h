#pragma once

#include "workspace/problem.h"
#include "workspace/setting_catalog.h"
#include "workspace/spec.h"
#include "workspace/yaml_documents.h"

// The files beside the pipelines, one function for each kind.

namespace penstock {

// penstock.yaml. `defaults` receives what it says for every stream.
void read_workspace_file(const YamlDocument& document, Workspace& workspace, StreamSpec& defaults, Problems& problems);
// Takes over what the chosen environment says; an unknown one is a problem.
void choose_environment(Workspace& workspace, const std::string& environment, Problems& problems);
// Gives every stream the tenant whose pattern matches its name; two matches are a problem.
void assign_tenants(Workspace& workspace, Problems& problems);

// connections.yaml
void read_connections(const YamlDocument& document, const SettingCatalog& catalog, Workspace& workspace, Problems& problems);
// policies/*.yaml
void read_policy(const YamlDocument& document, Workspace& workspace, Problems& problems);
// tests/*.yaml
void read_test(const YamlDocument& document, Workspace& workspace, Problems& problems);
// Reports tests of streams, sources and steps that do not exist.
void check_tests(const Workspace& workspace, Problems& problems);
// seeds/*.csv: a header of distinct names, and as many cells in every line.
void read_seed(const std::string& file, std::string_view text, Workspace& workspace, Problems& problems);

}  // namespace penstock
