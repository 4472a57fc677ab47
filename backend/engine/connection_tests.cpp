#include "engine/connection_tests.h"

#include "secrets/resolve.h"

namespace penstock {
namespace {

constexpr std::chrono::seconds kDeadline{10};

// The settings by which people know an endpoint, over all connectors.
std::string endpoint_of(const Settings& settings) {
  for (const char* name : {"brokers", "url", "server", "account", "path"})
    if (settings.has(name)) return settings.text(name);
  std::string endpoint = settings.text("host");
  if (settings.has("port")) endpoint += ":" + settings.text("port");
  if (settings.has("database")) endpoint += "/" + settings.text("database");
  return endpoint;
}

bool uses(const StreamSpec& stream, const std::string& connection) {
  for (const auto& source : stream.sources)
    if (source.connection == connection) return true;
  for (const auto& sink : stream.sinks)
    if (sink.connection == connection) return true;
  return false;
}

// Any schema will do: that there is none of this number is an answer, too.
Result<std::string> test_registry(const ConnectorCatalog& connectors, const Settings& settings) {
  if (!connectors.registry()) return std::string();
  PENSTOCK_ASSIGN(const auto registry, connectors.registry()(settings, ""));
  if (!registry) return std::string();
  const auto answer = registry->by_id(1);
  if (!answer.ok() && answer.error().kind != ErrorKind::not_found) return answer.error();
  return std::string("; its registry answers");
}

}  // namespace

std::vector<ConnectionView> ConnectionTests::list() const {
  const auto version = applied_.current();
  std::vector<ConnectionView> views;
  for (const auto& connection : version->workspace->connections) {
    ConnectionView view{.name = connection.name, .kind = connection.kind, .endpoint = endpoint_of(connection.settings)};
    for (const auto& stream : version->workspace->streams)
      if (uses(stream, connection.name)) view.used_by.push_back(stream.name);
    views.push_back(std::move(view));
  }
  return views;
}

Result<ConnectionOutcome> ConnectionTests::test(const std::string& name) const {
  const auto version = applied_.current();
  const ConnectionSpec* connection = version->workspace->find_connection(name);
  if (!connection) return Error(ErrorKind::not_found, "no connection is called '" + name + "'", "they stand in connections.yaml", name);
  const Connector* connector = connectors_.find(connection->kind);
  if (!connector || !connector->test_connection)
    return Error(ErrorKind::unsupported, "connections of kind '" + connection->kind + "' cannot be tested", {}, name);
  const auto began = std::chrono::steady_clock::now();
  const auto reached = [&]() -> Result<std::string> {
    PENSTOCK_ASSIGN(const auto settings, resolve_secrets(connection->settings, default_secret_providers()));
    PENSTOCK_ASSIGN(const std::string reached, connector->test_connection(settings, kDeadline));
    PENSTOCK_ASSIGN(const std::string registry, test_registry(connectors_, settings));
    return reached + registry;
  }();
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
  return ConnectionOutcome{reached.ok(), reached.ok() ? *reached : reached.error().message, took};
}

}  // namespace penstock
