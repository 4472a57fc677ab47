#pragma once

#include <vector>

#include "connectors/protobuf/proto_schema.h"
#include "io/compatibility.h"

namespace penstock {

// Why messages written by one .proto file may not be read by another, with the names and answers of Confluent's registry (its
// documentation, "Protobuf compatibility rules"): fields may come and go, messages may not go, and a number keeps its kind.
// Empty: they may.
std::vector<Incompatibility> protobuf_incompatibilities(const proto::ProtoSchema& reader, const proto::ProtoSchema& writer);

}  // namespace penstock
