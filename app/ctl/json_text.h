#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>

namespace penstock::ctl {

using Json = nlohmann::ordered_json;

// A message as JSON with the proto's own names: every field is there, 64 bit numbers are numbers, an enum is its lower-case
// name without the prefix ("running"), bytes are text where they are UTF-8 and base64 else, what is unset in a
// oneof is left out. NaN is null.
Json to_json(const google::protobuf::Message& message);

}  // namespace penstock::ctl
