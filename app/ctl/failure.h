#pragma once

// How penstockctl ends: its exit codes are part of its contract (README, "The command line").

#include "base/result.h"
#include "ctl/json_text.h"

namespace penstock::ctl {

enum class Exit : int {
  done = 0,
  failed = 1,           // or found wrong
  called_wrongly = 2,
  not_reachable = 3,    // the engine
  not_allowed = 4,
};

// `unavailable` is kept for "the engine does not answer": an engine that answers says what of it is unavailable by
// another kind, or by an error that its trailer carries (session.cpp turns that into `failed`).
Exit exit_of(const Error& error);

// One line for stderr.
std::string error_line(const Error& error);
Json error_json(const Error& error);    // kind, message, action, where

}  // namespace penstock::ctl
