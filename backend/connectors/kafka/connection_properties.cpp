#include "connectors/kafka/connection_properties.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace penstock::kafka {
namespace {

Error wrong(const Setting& at, std::string message, std::string action = "") {
  return {ErrorKind::invalid_argument, std::move(message), std::move(action), at.at.to_string()};
}

// Behind the host may come a port, and a path: what looks like a host may else be a user's name, before an @.
bool is_loopback(std::string_view url) {
  for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (!url.starts_with(host)) continue;
    std::string_view rest = url.substr(host.size());
    if (rest.starts_with(':')) rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
    return rest.empty() || rest.starts_with('/');
  }
  return false;
}

// A token for each connection, fetched from the identity provider with the client's own credentials (RFC 6749, 4.4).
Status add_oauth(const Settings& sasl, Properties& properties) {
  const std::string url = sasl.text("token_url");
  if (!url.starts_with("https://") && !is_loopback(url))
    return wrong(sasl.root(), "OAUTHBEARER needs a 'token_url' of https://, from where tokens come", "or an address of this machine");
  for (const char* needed : {"client_id", "client_secret"})
    if (!sasl.has(needed)) return wrong(sasl.root(), std::string("OAUTHBEARER needs '") + needed + "'");
  properties.emplace_back("sasl.oauthbearer.method", "oidc");
  properties.emplace_back("sasl.oauthbearer.token.endpoint.url", url);
  properties.emplace_back("sasl.oauthbearer.client.id", sasl.text("client_id"));
  properties.emplace_back("sasl.oauthbearer.client.secret", sasl.text("client_secret"));
  if (sasl.has("scope")) properties.emplace_back("sasl.oauthbearer.scope", sasl.text("scope"));
  return {};
}

Status add_sasl(const Settings& sasl, bool tls, Properties& properties) {
  const std::string mechanism = sasl.text("mechanism", "PLAIN");
  constexpr std::array known{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"};
  if (std::find(known.begin(), known.end(), mechanism) == known.end())
    return wrong(sasl.root(), "sasl mechanism '" + mechanism + "' is not supported; PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER are");
  properties.emplace_back("security.protocol", tls ? "SASL_SSL" : "SASL_PLAINTEXT");
  properties.emplace_back("sasl.mechanism", mechanism);
  if (mechanism == "OAUTHBEARER") return add_oauth(sasl, properties);
  properties.emplace_back("sasl.username", sasl.text("username"));
  properties.emplace_back("sasl.password", sasl.text("password"));
  return {};
}

// Azure's connection string for Event Hubs, `Endpoint=sb://HOST/;SharedAccessKeyName=…;SharedAccessKey=…[;EntityPath=…]`, is as a whole
// the password of a user with a name of its own.
Status add_event_hubs(const Settings& connection, Properties& properties) {
  const Setting& at = *connection.root().find("event_hubs");
  const std::string text = connection.text("event_hubs");
  if (!text.starts_with("Endpoint=sb://") || text.find(";SharedAccess") == std::string::npos)
    return wrong(at, "'event_hubs' is no connection string of Event Hubs", "take the whole of it: Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…");
  if (connection.has("sasl")) return wrong(at, "'event_hubs' says who we are: there must be no 'sasl' beside it");
  properties.emplace_back("security.protocol", "SASL_SSL");
  properties.emplace_back("sasl.mechanism", "PLAIN");
  properties.emplace_back("sasl.username", "$ConnectionString");
  properties.emplace_back("sasl.password", text);
  return {};
}

Status add_certificate(const Settings& connection, Properties& properties) {
  if (connection.has("certificate") != connection.has("key"))
    return wrong(connection.root(), "'certificate' and 'key' belong together", "name the file of each, in PEM");
  if (!connection.has("certificate")) return {};
  properties.emplace_back("ssl.certificate.location", connection.text("certificate"));
  properties.emplace_back("ssl.key.location", connection.text("key"));
  if (connection.has("key_password")) properties.emplace_back("ssl.key.password", connection.text("key_password"));
  return {};
}

}  // namespace

Result<Properties> connection_properties(const Settings& connection) {
  Properties properties;
  std::string brokers;
  for (const std::string& broker : connection.list("brokers")) brokers += (brokers.empty() ? "" : ",") + broker;
  if (brokers.empty()) return wrong(connection.root(), "a Kafka connection needs 'brokers': host:port, …");
  properties.emplace_back("bootstrap.servers", brokers);
  PENSTOCK_ASSIGN(const bool tls, connection.boolean("tls", false));
  if (tls) properties.emplace_back("security.protocol", "SSL");
  if (connection.has("ca")) properties.emplace_back("ssl.ca.location", connection.text("ca"));
  PENSTOCK_TRY(add_certificate(connection, properties));
  if (connection.has("event_hubs")) PENSTOCK_TRY(add_event_hubs(connection, properties));
  if (const Setting* sasl = connection.root().find("sasl")) PENSTOCK_TRY(add_sasl(Settings(*sasl), tls, properties));
  if (const Setting* more = connection.root().find("properties"))
    for (const auto& [name, value] : more->entries) properties.emplace_back(name, value.text);
  return properties;
}

}  // namespace penstock::kafka
