#include "rpc/error_status.h"

#include <grpcpp/client_context.h>

#include <array>

#include "io/scalar_text.h"
#include "penstock/v1/common.pb.h"

namespace penstock::rpc {
namespace {

struct Pair {
  ErrorKind kind;
  grpc::StatusCode code;
};

// The first kind that stands beside a code is the one that a bare status becomes.
constexpr std::array kPairs{
    Pair{ErrorKind::invalid_argument, grpc::StatusCode::INVALID_ARGUMENT},
    Pair{ErrorKind::not_found, grpc::StatusCode::NOT_FOUND},
    Pair{ErrorKind::already_exists, grpc::StatusCode::ALREADY_EXISTS},
    Pair{ErrorKind::failed_precondition, grpc::StatusCode::FAILED_PRECONDITION},
    Pair{ErrorKind::permission_denied, grpc::StatusCode::PERMISSION_DENIED},
    Pair{ErrorKind::unauthenticated, grpc::StatusCode::UNAUTHENTICATED},
    Pair{ErrorKind::unavailable, grpc::StatusCode::UNAVAILABLE},
    Pair{ErrorKind::deadline_exceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    Pair{ErrorKind::cancelled, grpc::StatusCode::CANCELLED},
    Pair{ErrorKind::resource_exhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    Pair{ErrorKind::data_loss, grpc::StatusCode::DATA_LOSS},
    Pair{ErrorKind::unsupported, grpc::StatusCode::UNIMPLEMENTED},
    Pair{ErrorKind::internal, grpc::StatusCode::INTERNAL},
    Pair{ErrorKind::io, grpc::StatusCode::INTERNAL},
};

grpc::StatusCode code_of(ErrorKind kind) {
  for (const auto& pair : kPairs)
    if (pair.kind == kind) return pair.code;
  return grpc::StatusCode::UNKNOWN;
}

ErrorKind kind_of(grpc::StatusCode code) {
  for (const auto& pair : kPairs)
    if (pair.code == code) return pair.kind;
  return ErrorKind::internal;
}

ErrorKind kind_named(const std::string& name, ErrorKind otherwise) {
  for (const auto& pair : kPairs)
    if (name == name_of(pair.kind)) return pair.kind;
  return otherwise;
}

}  // namespace

grpc::Status to_status(const Error& error) { return {code_of(error.kind), error.message}; }

std::string error_trailer(const Error& error) {
  v1::ErrorDetail detail;
  detail.set_kind(name_of(error.kind));
  detail.set_message(utf8_text(error.message));
  detail.set_action(utf8_text(error.action));
  detail.set_where(utf8_text(error.where));
  return detail.SerializeAsString();
}

Error error_of(const grpc::Status& status, const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(kErrorTrailer);
  v1::ErrorDetail detail;
  if (found == trailers.end() || !detail.ParseFromArray(found->second.data(), static_cast<int>(found->second.size())))
    return {kind_of(status.error_code()), status.error_message()};
  return {kind_named(detail.kind(), kind_of(status.error_code())), detail.message(), detail.action(), detail.where()};
}

}  // namespace penstock::rpc
