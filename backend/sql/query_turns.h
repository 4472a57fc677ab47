#pragma once

// Queries take turns: no more compute at once than there are cores, whoever came first goes first. However many sessions ask,
// streams keep their cores and the engine its memory; who waits is only answered later.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/cancellation.h"

namespace penstock {

// Thread-safe; outlives its turns.
class QueryTurns {
 public:
  class Turn {
   public:
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&& other) noexcept {
      end();
      turns_ = std::exchange(other.turns_, nullptr);
      return *this;
    }
    ~Turn() { end(); }
    void end();               // before the object ends; twice does no harm

   private:
    friend class QueryTurns;
    explicit Turn(QueryTurns* turns) : turns_(turns) {}
    QueryTurns* turns_;
  };

  explicit QueryTurns(std::size_t at_once) : at_once_(at_once) {}

  // Waits for a turn. None when the time comes before, or it is cancelled.
  std::optional<Turn> take(std::chrono::steady_clock::time_point until, const Cancellation& cancellation);
  std::size_t waiting() const;

 private:
  const std::size_t at_once_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::size_t running_ = 0;
  std::uint64_t last_ = 0;
  std::set<std::uint64_t> waiting_;      // in the order in which they came

  std::condition_variable_any changed_;
};

}  // namespace penstock
