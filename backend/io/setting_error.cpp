#include "io/setting_error.h"

namespace penstock {

Error wrong_setting(const Settings& settings, std::string_view key, std::string message, std::string action) {
  const Setting* found = settings.root().find(key);
  return Error(ErrorKind::invalid_argument, std::move(message), std::move(action), (found ? *found : settings.root()).at.to_string());
}

}  // namespace penstock
