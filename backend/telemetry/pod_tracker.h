#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "telemetry/counter_window.h"
#include "telemetry/registry.h"
#include "telemetry/state.h"

namespace penstock {

// One pod: what the supervisor says of it and what it says itself. Thread-compatible.
class PodTracker {
 public:
  explicit PodTracker(const std::string& name) { state_.name = name; }

  void set(std::int64_t now, const PodFacts& facts);
  void add(std::int64_t at, const PodReport& report);
  // `pipeline_of` gives the state of a pipeline by name; null: none.
  void refresh(std::int64_t now, const std::function<const PipelineState*(const std::string&)>& pipeline_of);

  void set_shards(std::map<std::string, std::vector<std::int32_t>> shards) { state_.shards = std::move(shards); }

  const PodState& state() const { return state_; }
  std::int64_t started_at() const { return state_.started_at; }

 private:
  PodFacts facts_;
  std::int64_t heard_at_ = 0;
  std::int64_t process_started_at_ = 0;
  CounterWindow cpu_micros_{5'000'000, 500'000};
  PodState state_;
};

}  // namespace penstock
