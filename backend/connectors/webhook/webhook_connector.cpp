#include "connectors/webhook/webhook_connector.h"

#include <filesystem>

#include "connectors/webhook/webhook_source.h"
#include "io/setting_error.h"

namespace penstock {
namespace {

std::vector<SettingSpec> connection_settings() {
  const std::vector<SettingSpec> hmac = {
      {.name = "secret", .required = true, .help = "What sender and receiver share.", .secret = true},
      {.name = "header", .fallback = "X-Hub-Signature-256", .help = "The header with the HMAC-SHA256 of the body, in hexadecimal or base64, with `sha256=` before it or not."},
  };
  const std::vector<SettingSpec> auth = {
      {.name = "bearer", .help = "The token that requests carry as `Authorization: Bearer …`.", .secret = true},
      {.name = "hmac", .type = SettingType::map, .help = "Requests are signed.", .fields = hmac},
  };
  return {
      {.name = "listen", .required = true, .help = "Address and port; an address other than 127.0.0.1 is reached from elsewhere, without TLS: put a proxy before it."},
      {.name = "auth", .type = SettingType::map, .help = "What requests have to show; both, where both are said.", .fields = auth},
  };
}

std::vector<SettingSpec> source_settings() {
  return {
      {.name = "path", .help = "The path that requests are sent to; `/<stream>` if absent."},
      {.name = "body", .fallback = "json", .help = "json: an object, an array of records or objects one after the other (`application/x-ndjson`: lines); lines: a record a line; whole: one record.",
       .choices = {"json", "lines", "whole"}},
      {.name = "body_max", .type = SettingType::bytes, .fallback = "16MiB", .help = "A larger body is answered 413."},
      {.name = "queue", .type = SettingType::bytes, .fallback = "64MiB", .help = "How much may wait to become durable before requests are answered 429."},
      {.name = "requests", .type = SettingType::integer, .fallback = "48", .help = "How many requests may wait for their answer before others are answered 429, at most 48.", .unit = "requests"},
      {.name = "answer_within", .type = SettingType::duration, .fallback = "30s", .help = "A request that is not durable by then is answered 503: kept, but to be asked for again with its key."},
      {.name = "remember", .type = SettingType::duration, .fallback = "24h", .help = "For how long a key is known: a request that repeats it is answered as before and brings no record."},
      {.name = "remember_most", .type = SettingType::integer, .fallback = "100000", .help = "How many keys are known at most; the oldest are forgotten first.", .unit = "keys"},
  };
}

Result<webhook::Credentials> read_credentials(const Settings& connection) {
  webhook::Credentials credentials;
  const Setting* auth = connection.root().find("auth");
  if (!auth) return credentials;
  credentials.bearer = Settings(*auth).text("bearer");
  if (const Setting* hmac = auth->find("hmac")) {
    credentials.hmac_secret = Settings(*hmac).text("secret");
    credentials.hmac_header = Settings(*hmac).text("header", credentials.hmac_header);
  }
  // An empty secret must not be a door that stands open.
  if ((auth->find("bearer") && credentials.bearer.empty()) || (auth->find("hmac") && credentials.hmac_secret.empty()))
    return wrong_setting(connection, "auth", "the secret of 'auth' is empty", "a secret that is not");
  return credentials;
}

Result<std::unique_ptr<Source>> make_source(const std::shared_ptr<webhook::Listeners>& listeners, const Settings& connection, const Settings& settings,
                                            const ConnectorContext& context) {
  WebhookSourceOptions options;
  const auto address = webhook::parse_address(connection.text("listen"));
  if (!address.ok()) return wrong_setting(connection, "listen", address.error().message, address.error().action);
  options.address = *address;
  PENSTOCK_ASSIGN(options.credentials, read_credentials(connection));
  options.path = settings.text("path", "/" + context.stream);
  if (!options.path.starts_with('/') || options.path.find_first_of("?# ") != std::string::npos) return wrong_setting(settings, "path", "'" + options.path + "' is no path", "/sales");
  const std::string body = settings.text("body", "json");
  options.inbox.body = body == "lines" ? webhook::BodyKind::lines : body == "whole" ? webhook::BodyKind::whole : webhook::BodyKind::json;
  PENSTOCK_ASSIGN(options.inbox.body_bytes, settings.bytes("body_max", options.inbox.body_bytes));
  if (options.inbox.body_bytes < 1 || options.inbox.body_bytes > (512 << 20)) return wrong_setting(settings, "body_max", "'body_max' must be at most 512MiB");
  PENSTOCK_ASSIGN(options.inbox.queue_bytes, settings.bytes("queue", options.inbox.queue_bytes));
  const std::int64_t most = options.inbox.requests;
  PENSTOCK_ASSIGN(options.inbox.requests, settings.integer("requests", most));
  if (options.inbox.requests < 1 || options.inbox.requests > most) return wrong_setting(settings, "requests", "'requests' must be from 1 to " + std::to_string(most));
  PENSTOCK_ASSIGN(const auto within, settings.duration("answer_within", options.inbox.answer_within));
  options.inbox.answer_within = std::chrono::duration_cast<std::chrono::milliseconds>(within);
  PENSTOCK_ASSIGN(options.inbox.remember, settings.duration("remember", options.inbox.remember));
  PENSTOCK_ASSIGN(options.inbox.remember_most, settings.integer("remember_most", options.inbox.remember_most));
  if (context.state_dir.empty()) return Error(ErrorKind::failed_precondition, "a webhook needs a folder for its state");
  options.inbox.folder = (std::filesystem::path(context.state_dir) / "webhook").string();
  return std::unique_ptr<Source>(std::make_unique<WebhookSource>(std::move(options), listeners, *context.clock));
}

// Somebody may listen there already: a stream of ours.
Result<std::string> test_connection(const Settings& connection, std::chrono::milliseconds) {
  PENSTOCK_ASSIGN(const auto address, webhook::parse_address(connection.text("listen")));
  PENSTOCK_TRY(read_credentials(connection));
  return "streams listen at " + address.to_string();
}

}  // namespace

Connector webhook_connector() {
  const auto listeners = std::make_shared<webhook::Listeners>();
  return {.kind = "webhook",
          .connection_settings = connection_settings(),
          .source_settings = source_settings(),
          .make_source = [listeners](const Settings& connection, const Settings& settings, const ConnectorContext& context) { return make_source(listeners, connection, settings, context); },
          .test_connection = test_connection};
}

}  // namespace penstock
