#include "connectors/registry/confluent_registry.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/ids.h"
#include "base/log.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 32;
constexpr std::size_t kMostReferences = 1'000;

std::string version_text(std::optional<std::int32_t> version) { return version ? std::to_string(*version) : "latest"; }

fs::path path_of(const std::string& folder, std::int32_t id) { return fs::path(folder) / (std::to_string(id) + ".json"); }

}  // namespace

Result<std::shared_ptr<const RegisteredSchema>> ConfluentRegistry::by_id(std::int32_t id) {
  {
    std::lock_guard lock(mutex_);
    if (const auto found = known_.find(id); found != known_.end()) return found->second;
  }
  std::shared_ptr<const RegisteredSchema> schema = find_kept(id);
  if (!schema) {
    PENSTOCK_ASSIGN(RegisteredSchema fetched, fetch("/schemas/ids/" + std::to_string(id), "schema " + std::to_string(id)));
    keep(id, fetched);
    schema = std::make_shared<const RegisteredSchema>(std::move(fetched));
  }
  std::lock_guard lock(mutex_);
  return known_.emplace(id, schema).first->second;
}

Result<std::shared_ptr<const RegisteredSchema>> ConfluentRegistry::of_subject(const std::string& subject, std::optional<std::int32_t> version) {
  PENSTOCK_ASSIGN(RegisteredSchema schema, fetch("/subjects/" + percent_encoded(subject) + "/versions/" + version_text(version),
                                                 "version " + version_text(version) + " of subject " + subject));
  return std::make_shared<const RegisteredSchema>(std::move(schema));
}

Result<RegisteredSchema> ConfluentRegistry::fetch(const std::string& path, const std::string& what) const {
  PENSTOCK_ASSIGN(RegistryAnswer answer, ask(path, what));
  std::set<std::string> seen;
  PENSTOCK_TRY(add_references(answer.references, 0, seen, answer.schema.references));
  return std::move(answer.schema);
}

Result<RegistryAnswer> ConfluentRegistry::ask(const std::string& path, const std::string& what) const {
  PENSTOCK_ASSIGN(const HttpAnswer http, registry_get(address_, path));
  if (http.status != 200) return registry_refusal(http.status, http.body, what);
  auto answer = parse_registry_answer(http.body);
  // Something that is no registry may stand before it for a while.
  if (!answer.ok() && answer.error().kind == ErrorKind::data_loss) return Error(ErrorKind::unavailable, what + ": " + answer.error().message, answer.error().action);
  if (!answer.ok()) return answer.error().within(what);
  return answer;
}

Status ConfluentRegistry::add_references(const std::vector<SchemaPointer>& pointers, int depth, std::set<std::string>& seen,
                                         std::vector<RegisteredSchema::Reference>& out) const {
  if (depth > kMaxDepth) return Error(ErrorKind::unsupported, "references of schemas are nested deeper than " + std::to_string(kMaxDepth) + " levels");
  for (const SchemaPointer& pointer : pointers) {
    const std::string version = std::to_string(pointer.version), what = "version " + version + " of subject " + pointer.subject + ", which is referred to";
    if (!seen.insert(pointer.name + "\n" + pointer.subject + "\n" + version).second) continue;
    if (seen.size() > kMostReferences) return Error(ErrorKind::unsupported, "a schema refers to more than " + std::to_string(kMostReferences) + " others");
    PENSTOCK_ASSIGN(RegistryAnswer answer, ask("/subjects/" + percent_encoded(pointer.subject) + "/versions/" + version, what));
    PENSTOCK_TRY(add_references(answer.references, depth + 1, seen, out));
    out.push_back({pointer.name, std::move(answer.schema.text)});
  }
  return {};
}

std::shared_ptr<const RegisteredSchema> ConfluentRegistry::find_kept(std::int32_t id) const {
  if (folder_.empty()) return nullptr;
  std::ifstream file(path_of(folder_, id), std::ios::binary);
  if (!file) return nullptr;
  std::ostringstream text;
  text << file.rdbuf();
  auto schema = parse_kept_schema(text.str());
  return schema.ok() ? std::make_shared<const RegisteredSchema>(std::move(*schema)) : nullptr;
}

// A failure costs one more request after a restart, no more.
void ConfluentRegistry::keep(std::int32_t id, const RegisteredSchema& schema) const {
  if (folder_.empty()) return;
  std::error_code failed;
  fs::create_directories(folder_, failed);
  const fs::path aside = fs::path(folder_) / ("new-" + random_id());
  std::ofstream file(aside, std::ios::binary | std::ios::trunc);
  file << kept_schema_text(schema);
  file.close();
  if (file) fs::rename(aside, path_of(folder_, id), failed);
  if (!file || failed) log_warn("schema {} cannot be kept in {}", id, folder_);
}

}  // namespace penstock
