// Any bytes as text: what is made of it is UTF-8, and the same where it was that already; there and back by UTF-16 too, and any
// 16-bit units become UTF-8.

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "connectors/odbc/odbc_text.h"
#include "fuzz/planted_crash.h"
#include "io/scalar_text.h"
#include "record/row_json.h"

using namespace penstock;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string mended = utf8_text(text);
  check(is_utf8(mended) && (mended == text) == is_utf8(text) && is_utf8(shortened(text)));
  const std::string back = odbc::to_utf8(odbc::to_utf16(text));
  check(is_utf8(back) && (back == text || !is_utf8(text)));
  std::u16string units(size / 2, u'\0');
  std::memcpy(units.data(), data, units.size() * 2);
  check(is_utf8(odbc::to_utf8(units)));
  std::string json;
  append_json_text(text, json);
  check(is_utf8(json));
  return 0;
}
