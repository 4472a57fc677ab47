#pragma once

namespace penstock {

inline constexpr char kVersion[] = "0.1.0";
inline constexpr int kApiVersion = 1;       // of penstock.v1; a client of another number shows `incompatible`

}  // namespace penstock
