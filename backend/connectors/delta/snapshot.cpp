#include "connectors/delta/snapshot.h"

namespace penstock::delta {
namespace {

struct Apply {
  Snapshot& to;

  void operator()(const CommitInfo&) const {}
  void operator()(const Protocol& protocol) const { to.protocol = protocol; }
  void operator()(const Metadata& metadata) const { to.metadata = metadata; }
  void operator()(const Transaction& transaction) const { to.transactions[transaction.app_id] = transaction; }
  void operator()(const AddFile& add) const {
    to.removed.erase(add.path);
    to.files[add.path] = add;
  }
  void operator()(const RemoveFile& remove) const {
    to.files.erase(remove.path);
    to.removed[remove.path] = remove;
  }
};

}  // namespace

std::optional<std::int64_t> Snapshot::transaction_version(const std::string& app_id) const {
  const auto found = transactions.find(app_id);
  if (found == transactions.end()) return std::nullopt;
  return found->second.version;
}

std::string Snapshot::property(const std::string& key) const {
  const auto found = metadata.configuration.find(key);
  return found == metadata.configuration.end() ? std::string() : found->second;
}

void Snapshot::apply(const Action& action) { std::visit(Apply{*this}, action); }

void Snapshot::apply(const std::vector<Action>& actions, std::int64_t at_version) {
  for (const Action& action : actions) apply(action);
  version = at_version;
}

}  // namespace penstock::delta
