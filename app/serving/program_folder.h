#pragma once

#include <string>

namespace penstock {

// The absolute folder of the program that runs.
std::string program_folder();
// penstockd beside this program: what runs as a pod.
std::string penstockd_beside_this();

}  // namespace penstock
