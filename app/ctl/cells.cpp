#include "ctl/cells.h"

#include <cmath>

#include "base/clock.h"

namespace penstock::ctl {
namespace {

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xe ? 3 : lead >> 3 == 0x1e ? 4 : 0;
    if (length == 0 || i + length > bytes.size()) return false;
    for (std::size_t j = 1; j < length; ++j)
      if (static_cast<unsigned char>(bytes[i + j]) >> 6 != 0x2) return false;
    i += length;
  }
  return true;
}

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t size = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < size ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) text += j <= size ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

}  // namespace

std::string bytes_text(std::string_view bytes) { return is_utf8(bytes) ? std::string(bytes) : base64(bytes); }

Json cell_json(const v1::Cell& cell) {
  switch (cell.value_case()) {
    case v1::Cell::kBoolean: return cell.boolean();
    case v1::Cell::kInteger: return cell.integer();
    case v1::Cell::kReal: return std::isfinite(cell.real()) ? Json(cell.real()) : Json(nullptr);
    case v1::Cell::kText: return cell.text();
    case v1::Cell::kBlob: return bytes_text(cell.blob());
    case v1::Cell::kTime: return to_iso8601(from_micros(cell.time()));
    case v1::Cell::VALUE_NOT_SET: break;
  }
  return nullptr;
}

std::string cell_text(const v1::Cell& cell) {
  const Json value = cell_json(cell);
  if (value.is_null()) return "NULL";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace penstock::ctl
