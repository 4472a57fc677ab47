#pragma once

// How far a stream has come, as each epoch writes it beside the markers of its sinks: where the state is lost, the tables
// still say from where it has to go on (semantics.md, "Exactly once").

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "record/position.h"

namespace penstock {

// A moment of a stream.
struct Mark {
  std::map<std::string, Positions> positions;      // by `_source`: everything below has been taken
  std::map<std::string, std::int64_t> closed;      // by windowed step: windows that end at or before this are closed

  // The later of both, for each partition and step.
  void advance_to(const Mark& other);
  std::int64_t position(const std::string& source, std::int32_t partition) const;      // 0 where it is not known
};

// The earlier of both, for each partition; 0 where one does not know it.
Mark earlier_of(const Mark& one, const Mark& other);

struct Progress {
  Mark taken;            // after the epoch: of this, the sink has what is for it
  Mark everywhere;       // of this, every sink of the stream had what is for it when the epoch was written

  std::string to_text() const;                     // JSON
  // False where it is no progress.
  static bool parse(std::string_view text, Progress& progress);
};

// Marks of past epochs, to know what every sink has passed. When a sink stays behind for long they are thinned out: what is
// known then is a little older, and still true.
class PassedMarks {
 public:
  void add(std::int64_t epoch, Mark mark);
  // The newest mark before epoch `oldest_waiting`. Marks before it are forgotten.
  const Mark& before(std::int64_t oldest_waiting);
  void start_from(Mark mark) { passed_ = std::move(mark); }

 private:
  struct Entry {
    std::int64_t epoch = 0;
    Mark mark;
  };
  std::deque<Entry> entries_;
  Mark passed_;
};

}  // namespace penstock
