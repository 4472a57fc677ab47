#pragma once

// The values of one message as they lie on the wire (Protocol Buffers, "Encoding"), sorted by the fields of its plan.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/protobuf/proto_plan.h"

namespace penstock::proto {

// Reads forward over bytes. A read that finds too few, or no number, answers false.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool at_end() const { return at_ == end_; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  bool read_varint(std::uint64_t& value) {
    value = 0;
    for (int shift = 0; at_ != end_ && shift < 70; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      if (shift == 63 && byte > 1) return false;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  // `bytes` (4 or 8), least significant first.
  bool read_fixed(std::size_t bytes, std::uint64_t& value) {
    value = 0;
    if (static_cast<std::size_t>(end_ - at_) < bytes) return false;
    for (std::size_t i = 0; i < bytes; ++i) value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(*at_++)) << (8 * i);
    return true;
  }
  bool read_bytes(std::string_view& value) {
    std::uint64_t size = 0;
    if (!read_varint(size) || size > static_cast<std::uint64_t>(end_ - at_)) return false;
    value = {at_, static_cast<std::size_t>(size)};
    at_ += size;
    return true;
  }
  // The number and wire type that stand before a value; no field is numbered 0.
  bool read_tag(std::uint32_t& number, int& wire_type) {
    std::uint64_t tag = 0;
    if (!read_varint(tag) || tag > UINT32_MAX || tag < 8) return false;
    number = static_cast<std::uint32_t>(tag >> 3);
    wire_type = static_cast<int>(tag & 7);
    return true;
  }
  // One value of a wire type, whatever it is.
  bool read_value(int wire_type, std::uint64_t& bits, std::string_view& bytes) {
    switch (wire_type) {
      case 0: return read_varint(bits);
      case 1: return read_fixed(8, bits);
      case 2: return read_bytes(bytes);
      case 5: return read_fixed(4, bits);
      default: return false;
    }
  }
  // Over a group that nobody knows, up to its end.
  bool skip_group(std::uint32_t number, int depth = 0);

 private:
  const char* at_;
  const char* end_;
};

struct WireValue {
  std::uint64_t bits = 0;
  std::string_view bytes;
  bool set = false;
};

struct MessageValues {
  struct Repeated {
    std::int32_t field = 0;
    int wire_type = 0;               // 2 where the field's own is another: packed
    WireValue value;
  };

  std::vector<WireValue> fields;     // by the plan's fields; of repeated ones only `set`
  std::vector<Repeated> repeated;    // by field, each in the order of the wire
  std::vector<std::uint32_t> unknown;
  std::deque<std::string> merged;    // messages that came in parts

  // False with a sentence. Later values take the place of earlier ones; messages are merged, as Protobuf does.
  bool collect(const MessagePlan& plan, std::string_view bytes, std::string& fault);

 private:
  bool take(const MessagePlan& plan, std::int32_t index, int wire_type, const WireValue& value, std::string& fault);
};

}  // namespace penstock::proto
