#include "workspace/setting_catalog.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "workspace/map_reader.h"

namespace penstock {
namespace {

void check_value(MapReader& reader, const SettingSpec& spec, const Setting& value, Problems& problems) {
  if (spec.type == SettingType::map && !spec.fields.empty() && value.kind == Setting::Kind::map) {
    reader.find(spec.name);
    check_settings(value, spec.fields, {}, quote(spec.name), problems);
    return;
  }
  if (value.kind == Setting::Kind::text && value.text.find("${") != std::string::npos) {
    reader.find(spec.name);
    return;
  }
  switch (spec.type) {
    case SettingType::text:
      if (spec.choices.empty()) reader.text(spec.name);
      else reader.choice(spec.name, spec.choices);
      return;
    case SettingType::integer: reader.integer(spec.name, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()); return;
    case SettingType::real: reader.real(spec.name); return;
    case SettingType::boolean: reader.boolean(spec.name); return;
    case SettingType::duration: reader.duration(spec.name); return;
    case SettingType::bytes: reader.bytes(spec.name); return;
    case SettingType::list: reader.list(spec.name); return;
    case SettingType::map: reader.map(spec.name); return;
    case SettingType::connection: reader.name(spec.name, false); return;
  }
}

// The keys under which the field keeps secrets, wherever they stand in a name: "sasl_password", "bearer".
constexpr std::string_view kSecretWords[] = {"password", "passphrase", "passwd", "secret", "token", "bearer", "api_key", "apikey",
                                             "private_key", "account_key", "access_key", "shared_key", "credential"};
constexpr std::string_view kSecretNames[] = {"key", "sas", "pwd"};

bool holds_secret(std::string_view key) {
  std::string lower(key);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::replace(lower.begin(), lower.end(), '-', '_');
  // "ssl_key_file" and "password_file" name a file, which is no secret.
  if (lower.ends_with("_file") || lower.ends_with("_path") || lower.ends_with("_location")) return false;
  return std::any_of(std::begin(kSecretWords), std::end(kSecretWords), [&](std::string_view word) { return lower.find(word) != std::string::npos; }) ||
         std::find(std::begin(kSecretNames), std::end(kSecretNames), lower) != std::end(kSecretNames);
}

constexpr std::string_view kReferenceExpected = "a reference: ${env:NAME}, ${file:/path} or ${secret:name}";

// "postgres://user:password@host"
bool has_password_in_url(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = text.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view user = authority.substr(0, at);
  const std::size_t colon = user.find(':');
  return colon != std::string_view::npos && user.find("${", colon) == std::string_view::npos;
}

void check_references(const Setting& value, Problems& problems) {
  std::size_t from = 0;
  while ((from = value.text.find("${", from)) != std::string::npos) {
    const std::size_t end = value.text.find('}', from);
    const std::string_view inside = std::string_view(value.text).substr(from + 2, end == std::string::npos ? 0 : end - from - 2);
    const std::size_t colon = inside.find(':');
    const std::string_view provider = inside.substr(0, colon);
    const bool known = provider == "env" || provider == "file" || provider == "secret";
    if (end == std::string::npos || colon == std::string_view::npos || !known || colon + 1 == inside.size()) {
      problems.push_back({value.at, "a reference that cannot be read", std::string(kReferenceExpected), {}});
      return;
    }
    from = end;
  }
}

// What is declared as a secret, where its name does not say so already.
void check_is_reference(const std::string& name, const Setting& value, Problems& problems) {
  for (const auto& [key, inner] : value.entries) check_is_reference(key, inner, problems);
  if (value.kind != Setting::Kind::text || holds_secret(name) || value.text.empty() || value.text.find("${") != std::string::npos) return;
  problems.push_back({value.at, "a secret in plain text under " + quote(name), std::string(kReferenceExpected), {}});
}

}  // namespace

void check_settings(const Setting& map, const std::vector<SettingSpec>& specs, const std::vector<std::string>& also_known,
                    const std::string& what, Problems& problems) {
  MapReader reader(map, what, problems);
  for (const std::string& key : also_known) reader.find(key);
  for (const SettingSpec& spec : specs) {
    const bool is_read_elsewhere = std::find(also_known.begin(), also_known.end(), spec.name) != also_known.end();
    const Setting* value = reader.find(spec.name);
    if (!value && spec.required && spec.type != SettingType::connection) reader.missing(spec.name, spec.help);
    if (value && spec.secret) check_is_reference(spec.name, *value, problems);
    if (value && !is_read_elsewhere) check_value(reader, spec, *value, problems);
  }
  reader.finish();
}

void check_secrets(const Setting& map, Problems& problems) {
  for (const Setting& item : map.items) check_secrets(item, problems);
  for (const auto& [key, value] : map.entries) {
    if (value.kind != Setting::Kind::text) {
      check_secrets(value, problems);
    } else if (holds_secret(key) && !value.text.empty() && value.text.find("${") == std::string::npos) {
      problems.push_back({value.at, "a secret in plain text under " + quote(key), std::string(kReferenceExpected), {}});
    } else if (has_password_in_url(value.text)) {
      problems.push_back({value.at, "a password in plain text inside of " + quote(key), std::string(kReferenceExpected), {}});
    } else {
      check_references(value, problems);
    }
  }
}

}  // namespace penstock
