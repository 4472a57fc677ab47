#pragma once

// The engine's last log lines, for the console's Activity page. A spdlog sink feeds it; readers search and follow.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include <spdlog/common.h>

namespace penstock {

struct LogLine {
  std::uint64_t number = 0;     // counts from 1 in the order of arrival; with gaps when lines are filtered
  std::int64_t at = 0;          // micros
  std::string level;            // trace, debug, info, warning, error
  std::string origin;           // pod or "engine"
  std::string text;
};

struct LogFilter {
  std::string text;             // substring, case-insensitive; empty: all
  std::string min_level;        // empty: info
};
bool matches(const LogFilter& filter, const LogLine& line);

// Thread-safe. Keeps at most `max_lines` lines of at most 8 KiB each.
class LogRing {
 public:
  explicit LogRing(std::size_t max_lines = 10'000) : max_lines_(max_lines) {}

  void add(LogLine line);
  // The newest `limit` lines that match, oldest first.
  std::vector<LogLine> tail(const LogFilter& filter, std::size_t limit) const;
  // Lines after `number` that match, oldest first; waits up to `timeout` for the first. `reached` is set to the newest
  // line looked at, to be handed in next time.
  std::vector<LogLine> follow(std::uint64_t number, const LogFilter& filter, std::chrono::milliseconds timeout,
                              std::stop_token stop, std::uint64_t& reached) const;
  std::uint64_t newest() const;

 private:
  const std::size_t max_lines_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  mutable std::condition_variable_any arrived_;
  std::deque<LogLine> lines_;
  std::uint64_t next_ = 1;
};

// Hand it to spdlog's loggers: `spdlog::default_logger()->sinks().push_back(log_ring_sink(ring, "engine"))`.
spdlog::sink_ptr log_ring_sink(std::shared_ptr<LogRing> ring, std::string origin);

}  // namespace penstock
