#pragma once

// Values of a message as JSON text: what a json column holds. Every field is there: an absent one has its default, or is
// null where it has presence.
//
//   message, map → object   repeated → array   enum → its name, or the number   bytes → base64
//   Timestamp → "2026-11-20T14:32:07.250Z"   Duration → "1.5s"   StringValue and its like → the value, or null
//   float that is not finite → null

#include <string>

#include "connectors/protobuf/proto_values.h"

namespace penstock::proto {

// The number that a varint or fixed value is; false where it does not fit the field's type. Not for uint64 and floats.
bool read_whole(const FieldPlan& field, std::uint64_t bits, std::int64_t& value);
double read_real(const FieldPlan& field, std::uint64_t bits);
std::string symbol_of(const FieldPlan& field, std::int64_t number);
// Of the bytes of a google.protobuf.Timestamp, in micros; what is below them is cut off. False where it is no time.
bool read_timestamp(const MessagePlan& plan, std::string_view bytes, std::int64_t& micros);

class JsonWriter {
 public:
  // `record_bytes` bounds what is written: names make the text larger than the record, not without end.
  explicit JsonWriter(std::size_t record_bytes) : left_(kMinText + kMaxGrowth * record_bytes) {}

  // Appends field `index` of `values`. False with a fault().
  bool write_field(const MessagePlan& plan, const MessageValues& values, std::size_t index, std::string& out);
  const std::string& fault() const { return fault_; }

 private:
  static constexpr std::size_t kMinText = 1 << 20, kMaxGrowth = 64;

  bool fail(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }
  bool write_message(const MessagePlan& plan, std::string_view bytes, std::string& out);
  bool write_value(const FieldPlan& field, const WireValue& value, std::string& out);
  bool write_nested(const FieldPlan& field, const WireValue& value, std::string& out);
  bool write_repeated(const FieldPlan& field, const MessageValues::Repeated& one, std::string& out);
  bool write_map(const FieldPlan& field, const MessageValues& values, std::size_t index, std::string& out);

  std::size_t left_;
  int depth_ = 0;
  std::string fault_;
};

}  // namespace penstock::proto
