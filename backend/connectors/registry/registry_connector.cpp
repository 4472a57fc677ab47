#include "connectors/registry/registry_connector.h"

#include <algorithm>
#include <filesystem>

#include "connectors/registry/confluent_registry.h"
#include "connectors/registry/registry_place.h"

namespace penstock {
namespace {

// Registries give their ids each for itself: what one has said must not stand for another.
std::string folder_name(const std::string& urls) {
  return percent_encoded(urls).substr(0, 200);
}

}  // namespace

Result<std::shared_ptr<SchemaRegistry>> make_schema_registry(const Settings& connection, const std::string& folder) {
  const std::string urls = connection.text("registry");
  if (urls.empty()) return std::shared_ptr<SchemaRegistry>();
  RegistryAddress address;
  for (std::size_t at = 0; at <= urls.size();) {
    const std::size_t comma = std::min(urls.find(',', at), urls.size());
    std::string url = urls.substr(at, comma - at);
    url.erase(0, url.find_first_not_of(' '));
    url.erase(url.find_last_not_of(' ') + 1);
    if (const auto place = registry_place(url); !place.ok()) {
      Error wrong = place.error();
      wrong.where = connection.root().find("registry")->at.to_string();
      return wrong;
    }
    address.urls.push_back(std::move(url));
    at = comma + 1;
  }
  if (const Setting* auth = connection.root().find("registry_auth")) {
    const Settings settings(*auth);
    address.username = settings.text("username");
    address.password = settings.text("password");
  }
  address.ca = connection.text("registry_ca");
  const std::string kept = folder.empty() ? "" : (std::filesystem::path(folder) / folder_name(urls)).string();
  return std::shared_ptr<SchemaRegistry>(std::make_shared<ConfluentRegistry>(std::move(address), kept));
}

}  // namespace penstock
