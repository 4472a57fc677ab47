#pragma once

#include "ops/pod_link.h"

namespace penstock::rpc {

// A pod over gRPC: its Unix socket, or loopback TCP with its token. Made before the pod listens; never blocks.
std::shared_ptr<PodLink> connect_to_pod(const PodProcess& process);

}  // namespace penstock::rpc
