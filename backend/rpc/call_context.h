#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/cancellation.h"
#include "base/result.h"

namespace grpc {
class CallbackServerContext;
}

namespace penstock::rpc {

// What a call's work is told of its caller.
struct CallContext {
  std::string who;               // "anna@laptop"; for the audit log
  Cancellation cancellation;     // the caller gave up, or its deadline passed
};

// Metadata that every client of an engine sends.
inline constexpr char kAuthorization[] = "authorization";   // "Bearer <token>"; not needed in-process
inline constexpr char kWho[] = "penstock-who";              // who acts, for the audit log

struct CallPolicy {
  std::string token;                                        // empty: everyone who reaches the port may call
  std::chrono::milliseconds default_deadline{30'000};       // of calls that name none, streams excepted
};

// Who calls, and may they: unauthenticated when the token is missing or another one.
Result<CallContext> admit(const grpc::CallbackServerContext& context, const CallPolicy& policy, Cancellation cancellation);

}  // namespace penstock::rpc
