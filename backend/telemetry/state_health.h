#pragma once

// Whether a stream's state is the one that its tables were last written from, and what an operator chooses where it is not.

#include <string>
#include <string_view>

namespace penstock {

enum class StateHealth {
  sound,
  damaged,     // it cannot be read
  lost,        // it does not continue what the tables hold: it is new, or an older copy was put back
};
inline const char* name_of(StateHealth health) {
  switch (health) {
    case StateHealth::sound: return "sound";
    case StateHealth::damaged: return "damaged";
    case StateHealth::lost: return "lost";
  }
  return "sound";
}
inline StateHealth state_health_named(std::string_view name) {
  for (const StateHealth health : {StateHealth::damaged, StateHealth::lost})
    if (name == name_of(health)) return health;
  return StateHealth::sound;
}

enum class StateChoice {
  none,
  take_over,   // go on from the positions that the tables hold; what windows and dedupe held is as the state has it
  rebuild,     // the same with a new state, windows and dedupe computed again from the landed tables
};
inline const char* name_of(StateChoice choice) {
  switch (choice) {
    case StateChoice::none: return "";
    case StateChoice::take_over: return "take over";
    case StateChoice::rebuild: return "rebuild";
  }
  return "";
}
inline StateChoice state_choice_named(std::string_view name) {
  for (const StateChoice choice : {StateChoice::take_over, StateChoice::rebuild})
    if (name == name_of(choice)) return choice;
  return StateChoice::none;
}

}  // namespace penstock
