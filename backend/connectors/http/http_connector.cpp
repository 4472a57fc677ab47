#include "connectors/http/http_connector.h"

#include "connectors/http/http_sink.h"
#include "io/setting_error.h"

namespace penstock {
namespace {

std::vector<SettingSpec> sink_settings() {
  return {
      {.name = "path", .fallback = "/", .help = "Behind the url of the connection."},
      {.name = "method", .fallback = "POST", .help = "How rows are handed over.", .choices = {"POST", "PUT", "PATCH"}},
      {.name = "body", .fallback = "array", .help = "Rows as one JSON array, as JSON lines, or one object in each request.", .choices = {"array", "lines", "object"}},
      {.name = "batch", .type = SettingType::integer, .fallback = "500", .help = "The most rows of one request.", .unit = "rows"},
      {.name = "batch_bytes", .type = SettingType::bytes, .fallback = "1MiB", .help = "The most bytes of one request; a larger row goes alone."},
      {.name = "key_header", .fallback = "Idempotency-Key", .help = "The header that holds the batch's key."},
      {.name = "idempotent", .type = SettingType::boolean, .fallback = "false",
       .help = "The peer takes a batch whose key it knows only once. If it does not, a batch that was in doubt may arrive twice."},
      {.name = "mode", .fallback = "append", .help = "upsert: rows may be changes, and say in `_op` what happened: c, u or d.", .choices = {"append", "upsert"}},
      {.name = "key", .type = SettingType::list, .help = "The columns that make two rows the same, for mode: upsert."},
      {.name = "flush", .type = SettingType::duration, .fallback = "0s", .help = "How long rows may wait to go in one request with later ones."},
  };
}

Result<std::unique_ptr<Sink>> make_sink(const Settings& connection, const Settings& settings, const ConnectorContext&) {
  HttpSinkOptions options;
  PENSTOCK_ASSIGN(options.peer, http::read_peer(connection));
  options.path = settings.text("path");
  if (!options.path.empty() && !options.path.starts_with('/')) return wrong_setting(settings, "path", "'" + options.path + "' is no path", "/push");
  options.method = settings.text("method", options.method);
  const std::string body = settings.text("body", "array");
  options.body = body == "lines" ? HttpBody::lines : body == "object" ? HttpBody::object : HttpBody::array;
  options.key_header = settings.text("key_header", options.key_header);
  if (options.key_header.empty() || options.key_header.find_first_of(" :\r\n") != std::string::npos)
    return wrong_setting(settings, "key_header", "'" + options.key_header + "' is no header", "Idempotency-Key");
  PENSTOCK_ASSIGN(options.batch, settings.integer("batch", options.batch));
  if (options.batch < 1) return wrong_setting(settings, "batch", "a batch has at least one row", "batch: 500");
  PENSTOCK_ASSIGN(options.batch_bytes, settings.bytes("batch_bytes", options.batch_bytes));
  PENSTOCK_ASSIGN(options.idempotent, settings.boolean("idempotent", options.idempotent));
  options.changes = settings.text("mode", "append") == "upsert";
  PENSTOCK_ASSIGN(const auto flush, settings.duration("flush", options.flush));
  options.flush = std::chrono::duration_cast<std::chrono::milliseconds>(flush);
  return std::unique_ptr<Sink>(std::make_unique<HttpSink>(std::move(options)));
}

std::string arrives_twice(const Settings& settings) {
  const auto idempotent = settings.boolean("idempotent", false);
  if (idempotent.ok() && *idempotent) return {};
  return "where the peer does not honour " + settings.text("key_header", HttpSinkOptions().key_header) + " (idempotent: true says that it does)";
}

// Any answer but one that refuses us: what it does with rows only rows can tell.
Result<std::string> test_connection(const Settings& connection, std::chrono::milliseconds deadline) {
  PENSTOCK_ASSIGN(http::Peer peer, http::read_peer(connection));
  peer.connect_timeout = std::min(peer.connect_timeout, deadline);
  peer.timeout = std::min(peer.timeout, deadline);
  http::Client client(std::move(peer));
  PENSTOCK_ASSIGN(const http::Answer answer, client.send({.method = "HEAD"}, {}));
  const std::string said = client.peer().url + " answers " + std::to_string(answer.status);
  if (answer.status == 401 || answer.status == 403) return Error(ErrorKind::unauthenticated, said, "check the connection's auth");
  return said;
}

}  // namespace

Connector http_connector() {
  return {.kind = "http",
          .connection_settings = http::connection_settings(),
          .sink_settings = sink_settings(),
          .make_sink = make_sink,
          .test_connection = test_connection,
          .arrives_twice = arrives_twice};
}

}  // namespace penstock
