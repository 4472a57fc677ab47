#pragma once

// An Error as a gRPC status and back. The status carries kind and message for anyone; the whole Error travels as a
// serialized penstock.v1.ErrorDetail in the binary trailer "penstock-error-bin" (penstock/v1/common.proto).

#include <grpcpp/support/status.h>

#include <string>

#include "base/result.h"

namespace grpc {
class ClientContext;
}

namespace penstock::rpc {

inline constexpr char kErrorTrailer[] = "penstock-error-bin";

grpc::Status to_status(const Error& error);
std::string error_trailer(const Error& error);

// What a failed call said. `status` must not be OK, and `context` that of the finished call.
Error error_of(const grpc::Status& status, const grpc::ClientContext& context);

}  // namespace penstock::rpc
