#pragma once

// The binary encoding of Avro (1.11 specification, "Binary Encoding"): single values out of bytes, and into them.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace penstock::avro {

// Reads forward over one record. A read that finds too few bytes, or no value, answers false and reads nothing more.
class Cursor {
 public:
  Cursor() = default;
  explicit Cursor(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  bool read_long(std::int64_t& value) {
    std::uint64_t bits = 0;
    for (int shift = 0; at_ != end_ && shift < 70; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      // Ten bytes hold 70 bits: what goes beyond 64 is no number.
      if (shift == 63 && byte > 1) return false;
      bits |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        value = static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1));
        return true;
      }
    }
    return false;
  }
  bool read_int(std::int32_t& value) {
    std::int64_t wide = 0;
    if (!read_long(wide) || wide < INT32_MIN || wide > INT32_MAX) return false;
    value = static_cast<std::int32_t>(wide);
    return true;
  }
  bool read_boolean(bool& value) {
    if (at_ == end_ || static_cast<std::uint8_t>(*at_) > 1) return false;
    value = *at_++ != 0;
    return true;
  }
  bool read_float(float& value) { return read_little_endian(value); }
  bool read_double(double& value) { return read_little_endian(value); }
  bool read_fixed(std::int64_t size, std::string_view& value) {
    if (size < 0 || static_cast<std::uint64_t>(size) > left()) return false;
    value = {at_, static_cast<std::size_t>(size)};
    at_ += size;
    return true;
  }
  bool read_bytes(std::string_view& value) {
    std::int64_t size = 0;
    return read_long(size) && read_fixed(size, value);
  }

 private:
  template <typename T>
  bool read_little_endian(T& value) {
    if (left() < sizeof value) return false;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return true;
  }

  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

inline void write_long(std::int64_t value, std::string& out) {
  std::uint64_t bits = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  for (; bits >= 0x80; bits >>= 7) out += static_cast<char>(bits | 0x80);
  out += static_cast<char>(bits);
}
inline void write_bytes(std::string_view value, std::string& out) {
  write_long(static_cast<std::int64_t>(value.size()), out);
  out += value;
}
template <typename T>
void write_little_endian(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace penstock::avro
