#pragma once

// Rows that a sink's peer holds already although their positions are read again: they are left out until the stream has
// passed what the peer had.

#include <string>

#include "record/batch.h"
#include "stream/progress.h"

namespace penstock {

class HeldRows {
 public:
  // `taken`: what the peer has. `closing_step`: the windowed or joining step nearest above the sink; empty: none.
  HeldRows(Mark taken, std::string closing_step) : taken_(std::move(taken)), closing_step_(std::move(closing_step)) {}

  // The rows that the peer does not have. `window_end` of the window that they came out of; 0: of none. `partners` of rows that
  // a join made (flow.h): the peer has them where it has both rows, or what told that there is no other.
  Batch without(const Batch& rows, std::int64_t window_end, const Batch& partners = {}) const;
  // Nothing will be left out any more.
  bool passed(const Mark& now) const;
  const Mark& taken() const { return taken_; }

 private:
  bool has_other_row(const Batch& partners, std::int64_t row) const;

  Mark taken_;
  std::string closing_step_;
};

}  // namespace penstock
