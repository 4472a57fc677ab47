#pragma once

#include <string>

#include "base/result.h"

namespace penstock {

// Where a pod listens: a socket in its folder, or, where that path is longer than a socket's name may be (107 bytes), one in
// $XDG_RUNTIME_DIR/penstock or /tmp/penstock-<uid>, named after a digest of the folder. That folder is created 0700;
// permission_denied when it belongs to somebody else.
Result<std::string> pod_socket_path(const std::string& folder);

// "127.0.0.1:<free port>", for systems on which gRPC has no Unix sockets.
Result<std::string> free_loopback_address();

}  // namespace penstock
