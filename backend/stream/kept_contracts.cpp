#include "stream/kept_contracts.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "workspace/registry_subject.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

const SourceSpec* find_source(const StreamLaunch& launch, const std::string& name) {
  const StreamSpec* stream = launch.workspace->find_stream(launch.stream);
  const auto found = std::find_if(stream->sources.begin(), stream->sources.end(), [&](const SourceSpec& source) { return source.name == name; });
  return found == stream->sources.end() ? nullptr : &*found;
}

// Versions of one declared text: a contract that its owner has changed begins anew.
fs::path folder_of(const StreamLaunch& launch, const SourceSpec& source) {
  std::string declared = "inferred";
  if (is_registry_subject(source.contract)) {
    declared = "registry-" + std::to_string(XXH3_64bits(source.contract.data(), source.contract.size()));
  } else if (!source.contract.empty()) {
    std::ifstream file(fs::path(launch.workspace->root) / source.contract, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string content = text.str();
    declared = "evolved-" + std::to_string(XXH3_64bits(content.data(), content.size()));
  }
  return fs::path(launch.state_root) / "streams" / launch.stream / "contracts" / source.name / declared;
}

std::string extension_of(const SourceSpec& source) {
  if (is_registry_subject(source.contract)) return source.format == "avro" ? ".avsc" : source.format == "protobuf" ? ".proto" : ".json";
  const std::string declared = fs::path(source.contract).extension().string();
  return declared.empty() ? ".json" : declared;
}

std::int64_t newest_version(const fs::path& folder, const std::string& extension) {
  std::int64_t newest = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.path().extension() == extension) newest = std::max<std::int64_t>(newest, std::atoll(entry.path().stem().string().c_str()));
  return newest;
}

}  // namespace

std::vector<KeptContract> kept_contracts(const StreamLaunch& launch, const SourceSpec& source) {
  std::vector<KeptContract> kept;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder_of(launch, source), none)) {
    const std::int64_t version = std::atoll(entry.path().stem().string().c_str());
    if (entry.path().extension() != extension_of(source) || version <= 0) continue;
    const auto written = std::chrono::file_clock::to_sys(entry.last_write_time(none));
    kept.push_back({version, entry.path().string(), std::chrono::time_point_cast<Timestamp::duration>(written)});
  }
  std::sort(kept.begin(), kept.end(), [](const KeptContract& a, const KeptContract& b) { return a.version < b.version; });
  return kept;
}

bool must_be_inferred(const StreamLaunch& launch, const SourceSpec& source, const ConnectorCatalog& catalog) {
  return source.contract.empty() && catalog.find_inference(source.format) && newest_version(folder_of(launch, source), extension_of(source)) == 0;
}

bool must_be_fetched(const StreamLaunch& launch, const SourceSpec& source) {
  return is_registry_subject(source.contract) && newest_version(folder_of(launch, source), extension_of(source)) == 0;
}

StreamLaunch with_kept_contracts(StreamLaunch launch) {
  std::shared_ptr<Workspace> changed;
  for (const SourceSpec& source : launch.workspace->find_stream(launch.stream)->sources) {
    const fs::path folder = folder_of(launch, source);
    const std::int64_t version = newest_version(folder, extension_of(source));
    if (version == 0) continue;
    if (!changed) changed = std::make_shared<Workspace>(*launch.workspace);
    for (StreamSpec& stream : changed->streams) {
      if (stream.name != launch.stream) continue;
      if (source.contract.empty()) stream.drift = DriftPolicy::evolve;
      for (SourceSpec& own : stream.sources)
        if (own.name == source.name) own.contract = (folder / (std::to_string(version) + extension_of(source))).string();
    }
  }
  if (changed) launch.workspace = std::move(changed);
  return launch;
}

Status keep_contract(const StreamLaunch& launch, const std::string& source, const std::string& text) {
  const SourceSpec* spec = find_source(launch, source);
  if (!spec) return Error(ErrorKind::not_found, "the stream has no source '" + source + "'");
  const fs::path folder = folder_of(launch, *spec);
  const std::string name = std::to_string(newest_version(folder, extension_of(*spec)) + 1) + extension_of(*spec);
  std::error_code failed;
  fs::create_directories(folder, failed);
  std::ofstream file(folder / "new", std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file || failed) return Error(ErrorKind::io, "a contract cannot be kept", "free space on the disk that holds the state", folder.string());
  fs::rename(folder / "new", folder / name, failed);
  if (failed) return Error(ErrorKind::io, "a contract cannot be kept: " + failed.message(), "", folder.string());
  return {};
}

}  // namespace penstock
