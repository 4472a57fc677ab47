#pragma once

#include "base/settings.h"
#include "secrets/secret_provider.h"

namespace penstock {

// The same settings with every ${provider:name} replaced by its secret; several may stand in one value. What comes out
// is handed to a connector and kept nowhere else: not in logs, messages, versions or bundles.
// Errors name the reference and its place, never a value: unsupported for an unknown provider, invalid_argument for a
// reference that cannot be read, else the provider's own.
Result<Settings> resolve_secrets(const Settings& settings, const SecretProviders& providers);

}  // namespace penstock
