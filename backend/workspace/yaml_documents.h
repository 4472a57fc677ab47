#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "workspace/problem.h"

namespace penstock {

// One document of a YAML file: its values with their places, and its text as it stands there.
struct YamlDocument {
  Setting root;
  std::string text;
};

// Reads all documents of one file. Whatever the text is, this ends and does not crash: text that is not UTF-8, too
// large, nested too deeply, or that grows too much through aliases becomes a problem. Empty documents are left out.
// A key that stands twice in a map is a problem, and the first one counts.
std::vector<YamlDocument> read_yaml(const std::string& file, std::string_view text, Problems& problems);

}  // namespace penstock
