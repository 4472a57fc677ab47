#pragma once

#include <string>
#include <string_view>

namespace penstock {

// `name` as a SQL identifier, `text` as a SQL string; both quoted and escaped.
std::string quote_name(std::string_view name);
std::string quote_text(std::string_view text);

// ASCII lower case: SQL names are compared without case.
std::string lower_case(std::string_view text);
bool same_name(std::string_view left, std::string_view right);

// Line and column, from 1, of a byte of a text.
struct TextPlace {
  int line = 1;
  int column = 1;
};
TextPlace place_of(std::string_view text, std::size_t offset);

}  // namespace penstock
