#include "rpc/call_context.h"

#include <grpcpp/server_context.h>

#include <string_view>

namespace penstock::rpc {
namespace {

std::string_view metadata(const grpc::CallbackServerContext& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  return found == context.client_metadata().end() ? std::string_view{}
                                                  : std::string_view{found->second.data(), found->second.size()};
}

// Takes as long for a wrong token as for the right one.
bool same_secret(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i) difference |= static_cast<unsigned char>(left[i] ^ right[i]);
  return difference == 0;
}

// gRPC's in-process transport is the only one that sets no peer address: every network transport does.
bool is_in_process(std::string_view peer) { return peer == "unknown" || peer.starts_with("inproc"); }

}  // namespace

Result<CallContext> admit(const grpc::CallbackServerContext& context, const CallPolicy& policy, Cancellation cancellation) {
  const std::string peer = context.peer();
  if (!is_in_process(peer) && !policy.token.empty() && !same_secret(metadata(context, kAuthorization), "Bearer " + policy.token))
    return Error(ErrorKind::unauthenticated, "this engine needs its token", "connect with --token-file, or ask whoever runs the engine for it");
  const auto who = metadata(context, kWho);
  return CallContext{who.empty() ? peer : std::string(who), std::move(cancellation)};
}

}  // namespace penstock::rpc
