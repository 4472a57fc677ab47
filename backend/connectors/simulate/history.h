#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace penstock::simulate {

// What a simulated source remembers in its state folder, so that a restart goes on with the same schedule of faults:
// when the stream was first started, and which faults that may happen only once have happened. With an empty folder
// nothing is remembered. Thread-safe across the shards of a stream, which share the folder.
class History {
 public:
  explicit History(std::string folder) : folder_(std::move(folder)) {}

  // The first call ever keeps `now` and returns it; later ones return what was kept. Error: io.
  Result<Timestamp> first_start(Timestamp now) const;
  bool happened(const std::string& name) const;
  Status remember(const std::string& name) const;

 private:
  std::string folder_;   // constant
};

}  // namespace penstock::simulate
