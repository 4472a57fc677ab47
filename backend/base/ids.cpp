#include "base/ids.h"

#include <cstdint>
#include <cstdio>
#include <random>

namespace penstock {

std::string random_id() {
  std::random_device device;
  char text[33];
  for (int i = 0; i < 4; ++i) std::snprintf(text + i * 8, 9, "%08x", static_cast<std::uint32_t>(device()));
  return text;
}

}  // namespace penstock
