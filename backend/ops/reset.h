#pragma once

// Stops a pod, starts it, lets it resume from its last epoch, and counts the gap until it is replayed. Of the four
// meanings of the gap: sound state catches up by itself, and this counts it; damaged or lost state is rebuilt from the
// tables first; positions that the source lost, and rows that can be redriven, are named in
// the outcome. Carried out by PodSupervisor.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ops/gap.h"

namespace penstock {

struct ResetRequest {
  std::string command_id;
  std::string pod;
  std::string who;                  // "operator", "policy stuck"
  std::string why;
};

struct ResetPreview {
  std::string pod;
  std::vector<std::string> pipelines;
  std::int64_t gap_rows = -1;       // -1: unknown
  StateHealth state = StateHealth::sound;
  std::vector<std::string> sinks;
  bool sends_twice = false;         // rows wait for a sink that cannot recognise what it got already
  bool safe = true;                 // nothing can be lost or sent twice: needs no confirmation
};

enum class ResetStage { stopping, starting, replaying, done, failed };
const char* name_of(ResetStage stage);

struct ResetProgress {
  ResetStage stage = ResetStage::stopping;
  std::int64_t gap_rows = 0;
  std::int64_t replayed_rows = 0;
  std::int64_t lost_rows = 0;
  std::int64_t doubled_rows = 0;
  std::int64_t time_left = -1;      // micros; -1: unknown
  std::string outcome;              // set when done or failed
};
using ResetObserver = std::function<void(const ResetProgress&)>;

}  // namespace penstock
