#pragma once

#include <string>
#include <string_view>

#include "base/settings.h"

namespace penstock {

// What is wrong with the setting of this key, at its place; at that of all settings where it is left out.
Error wrong_setting(const Settings& settings, std::string_view key, std::string message, std::string action = {});

}  // namespace penstock
