#pragma once

#include <stop_token>

namespace penstock {

// Cancellation is std::stop_token: whoever waits is handed one, and returns ErrorKind::cancelled when it is asked to stop.
using Cancellation = std::stop_token;
using CancellationSource = std::stop_source;

}  // namespace penstock
