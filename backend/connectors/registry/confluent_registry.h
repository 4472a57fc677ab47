#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "connectors/registry/registry_answers.h"
#include "connectors/registry/registry_http.h"

namespace penstock {

// A registry that speaks Confluent's API. What an id means is kept in memory, and in `folder` for the next process; several
// processes may share it.
class ConfluentRegistry final : public SchemaRegistry {
 public:
  ConfluentRegistry(RegistryAddress address, std::string folder) : address_(std::move(address)), folder_(std::move(folder)) {}

  Result<std::shared_ptr<const RegisteredSchema>> by_id(std::int32_t id) override;
  Result<std::shared_ptr<const RegisteredSchema>> of_subject(const std::string& subject, std::optional<std::int32_t> version) override;

 private:
  Result<RegisteredSchema> fetch(const std::string& path, const std::string& what) const;
  Result<RegistryAnswer> ask(const std::string& path, const std::string& what) const;
  // Appends what a schema refers to, deepest first, each once.
  Status add_references(const std::vector<SchemaPointer>& pointers, int depth, std::set<std::string>& seen, std::vector<RegisteredSchema::Reference>& out) const;
  std::shared_ptr<const RegisteredSchema> find_kept(std::int32_t id) const;
  void keep(std::int32_t id, const RegisteredSchema& schema) const;

  const RegistryAddress address_;
  const std::string folder_;

  // Protected by mutex_.
  std::mutex mutex_;
  std::map<std::int32_t, std::shared_ptr<const RegisteredSchema>> known_;
};

}  // namespace penstock
