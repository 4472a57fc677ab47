#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "base/settings.h"

namespace penstock::test {

// Settings as a workspace file gives them: texts by key.
inline Settings text_settings(std::initializer_list<std::pair<std::string, std::string>> entries) {
  Setting root;
  root.kind = Setting::Kind::map;
  for (const auto& [key, text] : entries) {
    Setting value;
    value.kind = Setting::Kind::text;
    value.text = text;
    root.entries.push_back({key, value});
  }
  return Settings(root);
}

}  // namespace penstock::test
