#include "record/key_bytes.h"

namespace penstock {
namespace {

constexpr std::uint32_t kNullSize = 0xffffffff;
constexpr char kNull = '\1';       // no number's text begins so

void append_size(std::uint32_t size, std::string& bytes) { bytes.append(reinterpret_cast<const char*>(&size), sizeof size); }

}  // namespace

bool append_key_bytes(const std::vector<ColumnView>& columns, std::int64_t row, std::string& bytes) {
  bool complete = true;
  for (const ColumnView& column : columns) {
    const bool is_null = column.is_null(row);
    complete = complete && !is_null;
    if (is_variable(column.type().kind)) {
      const std::string_view text = is_null ? std::string_view() : column.bytes(row);
      append_size(is_null ? kNullSize : static_cast<std::uint32_t>(text.size()), bytes);
      bytes.append(text);
    } else {
      if (is_null) bytes.push_back(kNull);
      else bytes.append(column.to_text(row));
      bytes.push_back('\0');
    }
  }
  return complete;
}

std::uint64_t fnv_hash(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3;
  }
  return hash;
}

}  // namespace penstock
