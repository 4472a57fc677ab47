#pragma once

#include <memory>
#include <string>

#include "connectors/protobuf/proto_schema.h"
#include "io/codec.h"
#include "io/schema_registry.h"

namespace penstock {

struct ProtobufDecoderOptions {
  std::shared_ptr<const proto::ProtoSchema> contract;
  std::string message;                            // its name; empty: the file's first
  bool framed = false;                            // values begin with a schema's id and the indexes of the message in it
  std::shared_ptr<SchemaRegistry> registry;       // where a frame's id says which message was written; null: it is not asked
};

// Decodes records that are one message each into the columns of the contract's message (proto_plan.h), by the numbers on the
// wire: other versions of the message are read as Protobuf reads them. Numbers that the contract does not know are drift ("field 7").
// A record is refused, with a sentence that names the field, where it ends too early, was written as another message, or holds a
// value that is not of the field's type: nothing is cut to fewer bits, as Protobuf itself would.
// Error: not_found for a message that the contract does not have; unsupported.
Result<std::unique_ptr<Decoder>> make_protobuf_decoder(ProtobufDecoderOptions options);

}  // namespace penstock
