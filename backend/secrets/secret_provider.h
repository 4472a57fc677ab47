#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

// Gives the value of a secret by its name. Errors name the secret, never its value: not_found, permission_denied, io.
using SecretProvider = std::function<Result<std::string>(std::string_view name)>;

// By the word before ':' in a reference: "env", "file".
using SecretProviders = std::map<std::string, SecretProvider, std::less<>>;

// ${env:NAME}: a variable of this process. Not thread-safe against a change of the environment.
Result<std::string> secret_from_environment(std::string_view name);

// ${file:/path}: the text of a regular file of at most 64 KiB, without the line end that editors leave at its end.
Result<std::string> secret_from_file(std::string_view path);

// Those above.
SecretProviders default_secret_providers();

}  // namespace penstock
