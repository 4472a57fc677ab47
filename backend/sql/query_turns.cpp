#include "sql/query_turns.h"

namespace penstock {

std::optional<QueryTurns::Turn> QueryTurns::take(std::chrono::steady_clock::time_point until, const Cancellation& cancellation) {
  std::unique_lock lock(mutex_);
  const std::uint64_t number = ++last_;
  waiting_.insert(number);
  const bool may_go = changed_.wait_until(lock, cancellation, until, [&] { return running_ < at_once_ && *waiting_.begin() == number; });
  waiting_.erase(number);
  changed_.notify_all();       // there may be room for the next one, too
  if (!may_go) return std::nullopt;
  ++running_;
  return Turn(this);
}

std::size_t QueryTurns::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void QueryTurns::Turn::end() {
  QueryTurns* turns = std::exchange(turns_, nullptr);
  if (!turns) return;
  const std::lock_guard lock(turns->mutex_);
  --turns->running_;
  turns->changed_.notify_all();
}

}  // namespace penstock
