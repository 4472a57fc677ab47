#pragma once

// UTF-8, as we keep texts, and UTF-16, as ODBC's wide functions take them. Thread-safe.

#include <string>
#include <string_view>

namespace penstock::odbc {

// What is no UTF-8 becomes U+FFFD.
std::u16string to_utf16(std::string_view text);
// A half of a pair becomes U+FFFD.
std::string to_utf8(std::u16string_view text);

}  // namespace penstock::odbc
