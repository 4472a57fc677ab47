#include "secrets/resolve.h"

namespace penstock {
namespace {

Result<std::string> secret_of(std::string_view reference, const SecretProviders& providers) {
  const std::size_t colon = reference.find(':');
  if (colon == std::string_view::npos || colon + 1 == reference.size())
    return Error(ErrorKind::invalid_argument, "a reference to a secret cannot be read", "write it as ${env:NAME} or ${file:/path}");
  const auto provider = providers.find(reference.substr(0, colon));
  if (provider != providers.end()) return provider->second(reference.substr(colon + 1));
  std::string known;
  for (const auto& [name, ignored] : providers) known += (known.empty() ? "" : ", ") + name;
  return Error(ErrorKind::unsupported, "there is no secret provider '" + std::string(reference.substr(0, colon)) + "' in this version",
               "use one of " + known);
}

Result<std::string> resolve_text(std::string_view text, const SecretProviders& providers) {
  std::string resolved;
  while (true) {
    const std::size_t begin = text.find("${");
    resolved.append(text.substr(0, begin));
    if (begin == std::string_view::npos) return resolved;
    const std::size_t end = text.find('}', begin);
    if (end == std::string_view::npos)
      return Error(ErrorKind::invalid_argument, "a reference to a secret has no '}'", "write it as ${env:NAME} or ${file:/path}");
    PENSTOCK_ASSIGN(const std::string secret, secret_of(text.substr(begin + 2, end - begin - 2), providers));
    resolved.append(secret);
    text.remove_prefix(end + 1);
  }
}

Status resolve_tree(Setting& setting, const SecretProviders& providers) {
  if (setting.kind == Setting::Kind::text) {
    Result<std::string> resolved = resolve_text(setting.text, providers);
    if (!resolved.ok()) {
      Error error = std::move(resolved).error();
      error.where = setting.at.to_string();
      return error;
    }
    setting.text = *std::move(resolved);
  }
  for (Setting& item : setting.items) PENSTOCK_TRY(resolve_tree(item, providers));
  for (auto& [key, value] : setting.entries) PENSTOCK_TRY(resolve_tree(value, providers));
  return {};
}

}  // namespace

Result<Settings> resolve_secrets(const Settings& settings, const SecretProviders& providers) {
  Setting root = settings.root();
  PENSTOCK_TRY(resolve_tree(root, providers));
  return Settings(std::move(root));
}

}  // namespace penstock
