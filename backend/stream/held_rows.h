#pragma once

// Rows that a sink's peer holds already although their positions are read again: they are left out until the stream has
// passed what the peer had.

#include <string>

#include "record/batch.h"
#include "stream/progress.h"

namespace penstock {

class HeldRows {
 public:
  // `taken`: what the peer has. `window_step`: the windowed step nearest above the sink; empty: none.
  HeldRows(Mark taken, std::string window_step) : taken_(std::move(taken)), window_step_(std::move(window_step)) {}

  // The rows that the peer does not have. `window_end` of the window that they came out of; 0: of none.
  Batch without(const Batch& rows, std::int64_t window_end) const;
  // Nothing will be left out any more.
  bool passed(const Mark& now) const;
  const Mark& taken() const { return taken_; }

 private:
  Mark taken_;
  std::string window_step_;
};

}  // namespace penstock
