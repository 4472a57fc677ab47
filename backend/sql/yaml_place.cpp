#include "sql/yaml_place.h"

#include <algorithm>

#include "sql/sql_text.h"

namespace penstock {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_escaped_space(std::string_view two) {
  return two.size() == 2 && two[0] == '\\' && std::string_view("nrt \n").find(two[1]) != std::string_view::npos;
}

std::size_t offset_of(std::string_view file, const Location& at) {
  std::size_t offset = 0;
  for (int line = 1; line < at.line; ++line) {
    offset = file.find('\n', offset);
    if (offset == std::string_view::npos) return file.size();
    ++offset;
  }
  return std::min(offset + static_cast<std::size_t>(at.column - 1), file.size());
}

}  // namespace

// YAML folds and indents white space, so what the two texts share is the sequence of everything else.
Location place_in_yaml(std::string_view file, const Location& start, std::string_view text, std::size_t offset) {
  if (start.line < 1 || start.column < 1) return start;
  std::size_t at = offset_of(file, start);
  const char style = at < file.size() ? file[at] : '\0';
  const bool quoted = style == '"' || style == '\'';
  if (quoted) ++at;
  if (style == '|' || style == '>') at = std::min(file.find('\n', at), file.size());

  const auto skip_space = [&] {
    while (at < file.size()) {
      if (is_space(file[at])) {
        ++at;
      } else if (style == '"' && is_escaped_space(file.substr(at, 2))) {
        at += 2;
      } else {
        break;
      }
    }
  };
  for (const char c : text.substr(0, offset)) {
    if (is_space(c)) continue;
    skip_space();
    const bool escaped = (style == '"' && at < file.size() && file[at] == '\\') || (style == '\'' && file.substr(at, 2) == "''");
    if (escaped) ++at;
    if (at >= file.size() || file[at] != c) return start;
    ++at;
  }
  skip_space();
  const TextPlace place = place_of(file, at);
  return {start.file, place.line, place.column};
}

}  // namespace penstock
