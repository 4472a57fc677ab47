#pragma once

namespace penstock {

// The calling thread gives way, for good, to the other threads of the machine while processors are scarce.
void lower_thread_priority();

}  // namespace penstock
