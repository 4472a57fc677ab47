#pragma once

#include <string>

namespace penstock {

// 128 random bits as 32 hexadecimal digits, from the operating system's generator.
std::string random_id();

}  // namespace penstock
