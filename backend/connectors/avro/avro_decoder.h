#pragma once

#include <memory>
#include <string>

#include "connectors/avro/avro_schema.h"
#include "io/codec.h"
#include "io/contract.h"
#include "io/schema_registry.h"

namespace penstock {

struct AvroDecoderOptions {
  Contract contract;                                   // the columns, of `reader`
  std::shared_ptr<const avro::AvroSchema> reader;      // the same contract as a tree
  bool framed = false;                                 // values begin with the id of their writer's schema (io/schema_registry.h)
  std::shared_ptr<SchemaRegistry> registry;            // null: framed values are refused
};

// Decodes records of one Avro value each (binary encoding) into the columns of a contract. What a writer's schema says other
// than the contract is resolved (avro_plan.h); fields that the contract does not know are drift. Without frames, the
// contract is the writer's schema too. Nested values are JSON (avro_json.h). A record is refused with a sentence that names the
// field when it ends too early or too late, or holds a value that cannot be read as the contract says.
//
// Error: invalid_argument for a default that is no value of its type.
Result<std::unique_ptr<Decoder>> make_avro_decoder(AvroDecoderOptions options);

}  // namespace penstock
