#pragma once

// How the values that a writer wrote become those of a reader (Avro 1.11 specification, "Schema Resolution"), worked out
// once for a pair of schemas: what is left for each record is a walk over a table. Immutable, thread-safe to read.
//
// Beyond the specification: decimals resolve where their scales are equal, times by the writer's unit, and what the reader
// says of a value (date, uuid, …) holds for a writer that does not say it.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/avro/avro_schema.h"

namespace penstock::avro {

struct Plan {
  enum class Op {
    null, boolean, int32, int64,
    whole_to_real,     // int, long → float64
    float32, float64,
    text,              // string, bytes → text that is checked to be UTF-8
    uuid,              // the same, and a UUID
    bytes,             // bytes, string → bytes
    fixed,
    symbol,            // enum → its name
    decimal, decimal_fixed,
    date, millis, micros,
    array, map, record,
    choice,            // a number, then one of `parts`
    refused,           // whatever stands there; `reason` says why
  };

  struct Field {
    const Plan* plan = nullptr;        // null: the reader does not have it
    const AvroType* skip = nullptr;    // its type, then
    std::size_t target = 0;            // which field of the reader
    std::string name;                  // the reader's
  };

  Op op = Op::null;
  std::uint8_t precision = 0, scale = 0;
  std::int64_t size = 0;                         // fixed, decimal_fixed: bytes
  std::vector<std::string> symbols;              // by the writer's numbers; empty: the reader has none for it
  std::vector<std::string> written_symbols;
  std::vector<const Plan*> parts;                // choice: by the writer's numbers; array, map: what it holds
  std::vector<Field> fields;                     // record: in the writer's order
  std::vector<const AvroField*> missing;         // record: fields of the reader that the writer does not have; all have defaults
  std::string missing_json;                      // those as members of a JSON object: "\"a\":1,\"b\":null"
  std::string reason;
};

// The plans for one pair of schemas, which live as long.
class Resolution {
 public:
  // Error: invalid_argument where the reader has a default that is no value of its type.
  static Result<std::shared_ptr<const Resolution>> make(std::shared_ptr<const AvroSchema> writer, std::shared_ptr<const AvroSchema> reader);

  // What reads a whole record; `refused` where the schemas do not fit.
  const Plan& root() const { return *root_; }

 private:
  friend class Resolver;
  std::shared_ptr<const AvroSchema> writer_, reader_;
  std::deque<Plan> plans_;
  const Plan* root_ = nullptr;
};

}  // namespace penstock::avro
