#pragma once

// The services of a FakeEngine; each answers out of the one FakeWorld.

#include <functional>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>
#include <memory>
#include <vector>

#include "support/fake_world.h"

namespace penstock::test {

grpc::Status failure(grpc::StatusCode code, grpc::ServerContextBase& context, const std::string& kind,
                     const std::string& message, const std::string& action = {});

// What stands before every call: the token, a stall, a refusal that a test ordered. OK: answer it.
grpc::Status admit(FakeWorld& world, grpc::ServerContext& context, const std::string& method);
// Waits for a change, at most 100 ms; false when the stream should end.
bool wait_for_change(FakeWorld& world, std::unique_lock<std::mutex>& lock, grpc::ServerContext& context);

std::vector<std::unique_ptr<grpc::Service>> make_services(FakeWorld& world);
std::vector<std::unique_ptr<grpc::Service>> make_row_services(FakeWorld& world);    // quality, replay, query

}  // namespace penstock::test
