#pragma once

// Muting an expectation: it goes on checking and keeping rows back, and only raises no alarm.

#include <string>

#include "store/mute_store.h"
#include "telemetry/registry.h"

namespace penstock {

// What is muted, kept over restarts and told to the registry. Thread-safe; both parts outlive it.
class Mutes {
 public:
  Mutes(Database& database, TelemetryRegistry& registry) : store_(database), registry_(registry) {}

  // Tells the registry what earlier engines of this workspace have muted. Once, at start.
  Status open();
  // not_found: no stream reports such an expectation. invalid_argument: no reason is given. A sentence with what came of it.
  Result<std::string> mute(const Mute& mute);
  // failed_precondition: it is not muted.
  Result<std::string> unmute(const std::string& pipeline, const std::string& step, const std::string& expectation);

 private:
  MuteStore store_;
  TelemetryRegistry& registry_;
};

}  // namespace penstock
