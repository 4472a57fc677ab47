#pragma once

// What both systems' locks have in common: what stands in the file, and what is said of a holder.

#include <cstdint>
#include <optional>
#include <string>

#include "engine/workspace_lock.h"

namespace penstock {

// Lines: process id, address, token.
std::string lock_text(const EngineHolder& holder);
EngineHolder parse_lock_text(const std::string& text);
Error held_by_another(const EngineHolder& holder);

// At this moment, without waiting. Each system has its own.
std::optional<EngineHolder> holder_now(const std::string& state_root);

}  // namespace penstock
