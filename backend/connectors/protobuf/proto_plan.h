#pragma once

// What the numbers on Protobuf's wire mean for the columns of a message: worked out once from its descriptor. Immutable.
//
//   int32, sint32, sfixed32 → int32   uint32, fixed32, int64, sint64, sfixed64 → int64   uint64, fixed64 → DECIMAL(20,0)
//   float, double → float64   bool → boolean   string → varchar   bytes → blob   enum → varchar: its name, or the number where it
//   has none   Timestamp → timestamp   StringValue and its like → the value, or NULL   messages, repeated fields, maps → json
//
// A field without presence that is not there has its default; one with presence is NULL. One that is `required` must be there.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/schema.h"

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
}  // namespace google::protobuf

namespace penstock::proto {

struct MessagePlan;

struct FieldPlan {
  enum class Kind {
    int32, sint32, sfixed32, int64, sint64, sfixed64, uint32, fixed32, uint64, fixed64, real32, real64, boolean, symbol, text, bytes,
    message, timestamp, duration, wrapper,
  };
  // On the wire: 0 varint, 1 eight bytes, 2 a length, 5 four bytes.
  int wire_type = 0;
  Kind kind = Kind::int32;
  std::uint32_t number = 0;
  std::string name, json_key;            // "\"qty\":"
  bool repeated = false, is_map = false, required = false;
  bool has_presence = false;             // absent is NULL
  int oneof = -1;                        // of the message: a member that comes later takes the others' place
  std::uint64_t default_bits = 0;
  std::string default_bytes;             // text, bytes; of an enum: its name
  std::map<std::int64_t, std::string> symbols;
  const MessagePlan* message = nullptr;  // message, wrapper, map entries

  // What decides a column: how it is stored on the wire, but neither repeated nor nested.
  bool is_simple() const { return !repeated && kind != Kind::message && kind != Kind::duration; }
};

struct MessagePlan {
  std::string full_name;
  std::vector<FieldPlan> fields;         // as in the file
  std::vector<std::int32_t> by_number;   // index of a field, or -1; numbers beyond are in `large`
  std::map<std::uint32_t, std::int32_t> large;
  int oneofs = 0;

  std::int32_t find(std::uint32_t number) const {
    if (number < by_number.size()) return by_number[number];
    const auto found = large.find(number);
    return found == large.end() ? -1 : found->second;
  }
};

// The plans of a message and of all that it holds.
class PlanSet {
 public:
  // Error: unsupported for groups.
  static Result<std::shared_ptr<const PlanSet>> make(const google::protobuf::Descriptor& message);

  const MessagePlan& root() const { return plans_.front(); }
  // A column a field.
  SchemaPtr schema() const;

 private:
  Result<const MessagePlan*> add(const google::protobuf::Descriptor& message);
  Status fill(const google::protobuf::FieldDescriptor& field, FieldPlan& plan);

  std::deque<MessagePlan> plans_;
  std::map<const google::protobuf::Descriptor*, const MessagePlan*> known_;
};

}  // namespace penstock::proto
