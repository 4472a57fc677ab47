#pragma once

// What a thread says of itself to the system. Each call is about the calling thread.

#include <string>

namespace penstock {

// Names the thread for `top -H`, debuggers and profilers. Linux shows the first 15 bytes; say first what differs.
void name_this_thread(const std::string& name);

// The thread gives way, for good, to the other threads of the machine while processors are scarce. `steps`: of niceness, where
// there is such a thing: 5 leave it a third of the share that others get, 10 a tenth.
void lower_thread_priority(int steps = 5);

}  // namespace penstock
