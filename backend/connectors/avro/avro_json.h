#pragma once

// Values inside a value, as JSON text: what a json column holds.
//
//   record, map → object   array → array   enum, string, uuid → text   union → the value itself, as is
//   bytes, fixed → text of the code points 0 to 255, as in Avro's own JSON encoding, or base64   decimal → a number, exactly
//   date → "2026-11-20"    timestamp → "2026-11-20T14:32:07.250Z"    float that is not finite → null

#include <string>

#include "connectors/avro/avro_plan.h"
#include "connectors/avro/avro_wire.h"
#include "record/batch.h"

namespace penstock::avro {

// A number in two's complement, most significant byte first; false where it has more than 38 digits' room or than the precision.
bool read_decimal(std::string_view bytes, int precision, Int128& value);

// Walks over one record's nested values. What they may hold is bounded by the size of the record, whatever they claim.
class JsonWriter {
 public:
  enum class Bytes { code_points, base64 };

  // `budget`: the size of the record.
  explicit JsonWriter(std::size_t budget, Bytes bytes = Bytes::code_points) : left_(budget + kMinBudget), most_text_(kMinText + kMaxGrowth * budget), bytes_(bytes) {}

  // Appends the value. False: `out` holds a part of it, and fault() says what is wrong.
  bool write(Cursor& cursor, const Plan& plan, std::string& out);
  bool skip(Cursor& cursor, const AvroType& type);
  const std::string& fault() const { return fault_; }

 private:
  static constexpr std::size_t kMinBudget = 1024;
  // Names and defaults make the text larger than the record, not without end.
  static constexpr std::size_t kMinText = 1 << 20, kMaxGrowth = 64;

  bool fail(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }
  bool cut() { return fail("the record ends within a value, or holds a number that is none"); }
  bool write_value(Cursor& cursor, const Plan& plan, std::string& out);
  bool write_items(Cursor& cursor, const Plan& plan, std::string& out);
  bool write_text(Cursor& cursor, const Plan& plan, std::string& out);
  bool write_number(Cursor& cursor, const Plan& plan, std::string& out);
  bool write_record(Cursor& cursor, const Plan& plan, std::string& out);
  bool skip_value(Cursor& cursor, const AvroType& type);
  // Calls `item` for each item of an array's or map's blocks.
  template <typename Item>
  bool for_each_item(Cursor& cursor, const Item& item);

  std::size_t left_;      // so many values more
  const std::size_t most_text_;
  const Bytes bytes_;
  int depth_ = 0;
  std::string fault_;
};

}  // namespace penstock::avro
