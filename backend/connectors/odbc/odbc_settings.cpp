#include <algorithm>

#include "connectors/odbc/odbc_connection.h"

// What connections.yaml says of a database, as a connection string.

namespace penstock::odbc {
namespace {

// [MS-ODBCSTR]: a value with any of these stands in braces, in which a closing one is doubled.
std::string part(const std::string& name, const std::string& value) {
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/' || c == ':' || c == '\\' || c == ',';
  });
  if (plain) return name + "=" + value + ";";
  std::string braced = "{";
  for (const char c : value) braced.append(c == '}' ? 2 : 1, c);
  return name + "=" + braced + "};";
}

bool is_key(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == ' '; });
}

}  // namespace

std::vector<SettingSpec> connection_settings() {
  return {
      {.name = "driver", .help = "The driver's name in odbcinst.ini, as `ODBC Driver 18 for SQL Server`; not with `dsn`."},
      {.name = "dsn", .help = "A data source of odbc.ini, which names driver and server."},
      {.name = "server", .help = "Name or address of the server; SQL Server takes a port as `host,1433`."},
      {.name = "port", .type = SettingType::integer, .help = "Its port.", .unit = "port"},
      {.name = "database", .help = "The database."},
      {.name = "user", .help = "Who logs in."},
      {.name = "password", .help = "Its password, by reference: ${env:ERP_PASSWORD}.", .secret = true},
      {.name = "properties", .type = SettingType::map, .help = "Further parts of the connection string, in the driver's names: `Encrypt: yes`."},
      {.name = "connect_timeout", .type = SettingType::duration, .fallback = "10s", .help = "How long connecting may take."},
      {.name = "statement_timeout", .type = SettingType::duration, .fallback = "60s", .help = "How long one statement may take."},
  };
}

Result<ConnectionOptions> read_connection(const Settings& settings) {
  ConnectionOptions options;
  const std::string driver = settings.text("driver"), dsn = settings.text("dsn");
  if (driver.empty() == dsn.empty())
    return Error(ErrorKind::invalid_argument, "an ODBC connection has a driver or a dsn", "driver: \"ODBC Driver 18 for SQL Server\", server: erp", settings.root().at.to_string());
  options.text = dsn.empty() ? part("DRIVER", driver) : part("DSN", dsn);
  for (const auto& [key, name] : {std::pair("server", "SERVER"), {"port", "PORT"}, {"database", "DATABASE"}, {"user", "UID"}, {"password", "PWD"}})
    if (const std::string value = settings.text(key); !value.empty()) options.text += part(name, value);
  // psqlodbc: booleans as such, and a failed statement is rolled back by us, to a savepoint.
  if (driver.find("psqlodbc") != std::string::npos || driver.find("PostgreSQL") != std::string::npos) options.text += "BoolsAsChar=0;Protocol=7.4-0;";
  if (const Setting* more = settings.root().find("properties"))
    for (const auto& [name, value] : more->entries) {
      if (!is_key(name) || value.kind != Setting::Kind::text)
        return Error(ErrorKind::invalid_argument, "'" + name + "' is no part of a connection string", "Encrypt: yes", value.at.to_string());
      options.text += part(name, value.text);
    }
  if (const std::string password = settings.text("password"); !password.empty()) options.secrets = {password};
  PENSTOCK_ASSIGN(const auto connect_timeout, settings.duration("connect_timeout", options.connect_timeout));
  PENSTOCK_ASSIGN(const auto statement_timeout, settings.duration("statement_timeout", options.statement_timeout));
  options.connect_timeout = std::max(std::chrono::seconds(1), std::chrono::duration_cast<std::chrono::seconds>(connect_timeout));
  options.statement_timeout = std::max(std::chrono::seconds(1), std::chrono::duration_cast<std::chrono::seconds>(statement_timeout));
  return options;
}

}  // namespace penstock::odbc
