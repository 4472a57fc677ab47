#include "engine/contract_versions.h"

#include <algorithm>
#include <filesystem>

#include "engine/contract_check.h"
#include "stream/kept_contracts.h"
#include "workspace/registry_subject.h"

namespace penstock {
namespace {

std::vector<std::string> without(const std::vector<std::string>& all, const std::vector<std::string>& others) {
  std::vector<std::string> rest;
  for (const std::string& one : all)
    if (std::find(others.begin(), others.end(), one) == others.end()) rest.push_back(one);
  return rest;
}

std::optional<bool> may_follow(const std::string& before, const std::string& path, CompatibilityLevel level) {
  const auto found = check_contract_files({before, path}, level);
  return found.ok() ? std::optional(found->empty()) : std::nullopt;
}

Result<ContractVersion> read_version(const SourceSpec& source, std::string path, const ConnectorCatalog& catalog) {
  ContractVersion version;
  version.path = std::move(path);
  const DecoderFactory* format = catalog.find_format(source.format);
  if (!format) return Error(ErrorKind::unsupported, "format '" + source.format + "' is not in this version", "", source.at.to_string());
  PENSTOCK_ASSIGN(const auto decoder, (*format)({version.path, source.settings, nullptr}));
  for (const Field& field : decoder->schema()->fields()) version.columns.push_back(field.name + " " + field.type.sql_name());
  return version;
}

}  // namespace

Result<std::vector<SourceContracts>> contract_versions(const Workspace& workspace, const std::string& state_root, const std::string& stream, const ConnectorCatalog& catalog) {
  const StreamSpec* spec = workspace.find_stream(stream);
  if (!spec) return Error(ErrorKind::not_found, "no stream is called '" + stream + "'");
  StreamLaunch launch;
  launch.workspace = std::make_shared<const Workspace>(workspace);
  launch.stream = stream;
  launch.state_root = state_root;
  std::vector<SourceContracts> sources;
  for (const SourceSpec& source : spec->sources) {
    SourceContracts contracts{source.name, source.contract, source.format, spec->drift, {}};
    if (!source.contract.empty() && !is_registry_subject(source.contract)) {
      PENSTOCK_ASSIGN(auto declared, read_version(source, (std::filesystem::path(workspace.root) / source.contract).string(), catalog));
      contracts.versions.push_back(std::move(declared));
    }
    for (const KeptContract& kept : kept_contracts(launch, source)) {
      PENSTOCK_ASSIGN(auto version, read_version(source, kept.path, catalog));
      version.version = kept.version;
      version.kept_at = to_micros(kept.kept_at);
      if (!contracts.versions.empty()) {
        const ContractVersion& before = contracts.versions.back();
        version.added = without(version.columns, before.columns);
        version.removed = without(before.columns, version.columns);
        version.backward = may_follow(before.path, version.path, CompatibilityLevel::backward);
        version.forward = may_follow(before.path, version.path, CompatibilityLevel::forward);
      }
      contracts.versions.push_back(std::move(version));
    }
    sources.push_back(std::move(contracts));
  }
  return sources;
}

}  // namespace penstock
