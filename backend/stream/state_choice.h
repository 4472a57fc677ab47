#pragma once

// What was chosen for a state that does not continue its tables is kept in the state until it is done, whatever happens meanwhile.

#include "stream/state_store.h"
#include "telemetry/state_health.h"

namespace penstock {

inline constexpr std::string_view kChoiceKey = "state/choice", kTookOverKey = "state/took_over";

// Synced. The next start of the shard does as it says.
inline Status note_choice(StateStore& state, StateChoice choice) {
  StateWrite write;
  write.put(kChoiceKey, name_of(choice));
  return state.write(write, true);
}

}  // namespace penstock
