#pragma once

#include <mutex>

#include "client/values.h"

namespace penstock::ui {

// Telemetry on its way to the UI thread, keyed by what changed: the latest state of each thing wins, so the box stays
// as large as the engine however slow the windows are.
class Mailbox {
 public:
  // From any thread. True when the box was empty: the caller then wakes the UI thread, once.
  bool put(TelemetryChanges changes);
  // UI thread.
  TelemetryChanges take();

 private:
  std::mutex mutex_;
  TelemetryChanges waiting_;    // protected by mutex_
  bool full_ = false;           // protected by mutex_; something waits
};

// Takes `newer` into `older`, as if both had been one update.
void merge(TelemetryChanges& older, TelemetryChanges newer);

}  // namespace penstock::ui
