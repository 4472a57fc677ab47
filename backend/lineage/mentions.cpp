#include "lineage/mentions.h"

#include <cctype>

namespace penstock {
namespace {

bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Reads what SQL is made of, one token at a time: a name, or any other single character.
class Tokens {
 public:
  explicit Tokens(std::string_view sql) : rest_(sql) {}

  // False at the end. `name` is empty for anything that is not a name; then `other` is the character.
  bool next(std::string& name, char& other) {
    skip_silence();
    name.clear();
    if (rest_.empty()) return false;
    other = rest_.front();
    if (other == '"') {
      const auto end = rest_.find('"', 1);
      name = rest_.substr(1, end == std::string_view::npos ? end : end - 1);
      rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
      return true;
    }
    std::size_t length = 0;
    while (length < rest_.size() && is_name_char(rest_[length])) name += static_cast<char>(std::tolower(static_cast<unsigned char>(rest_[length++])));
    rest_.remove_prefix(length == 0 ? 1 : length);
    return true;
  }

 private:
  void skip_past(std::string_view end, std::size_t from) {
    const auto found = rest_.find(end, from);
    rest_ = found == std::string_view::npos ? std::string_view() : rest_.substr(found + end.size());
  }
  void skip_silence() {
    while (!rest_.empty()) {
      if (std::isspace(static_cast<unsigned char>(rest_.front()))) rest_.remove_prefix(1);
      else if (rest_.starts_with("--")) skip_past("\n", 2);
      else if (rest_.starts_with("/*")) skip_past("*/", 2);
      else if (rest_.front() == '\'') skip_past("'", 1);     // a doubled quote begins a string again, which is skipped too
      else return;
    }
  }

  std::string_view rest_;
};

}  // namespace

std::set<std::string> mentioned_names(std::string_view sql) {
  std::set<std::string> names;
  Tokens tokens(sql);
  std::string before, name;
  bool after_dot = false;
  char other = 0;
  while (tokens.next(name, other)) {
    if (name.empty()) {
      after_dot = other == '.' && !before.empty();
      if (!after_dot) before.clear();
      continue;
    }
    if (after_dot) names.insert(before + "." + name);
    before = name;
    after_dot = false;
  }
  return names;
}

}  // namespace penstock
