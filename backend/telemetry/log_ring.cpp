#include "telemetry/log_ring.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>

#include <spdlog/sinks/base_sink.h>

namespace penstock {
namespace {

constexpr std::size_t kMaxLineBytes = 8 << 10;
constexpr std::array<std::string_view, 5> kLevels = {"trace", "debug", "info", "warning", "error"};

std::size_t rank_of(std::string_view level) {
  const auto found = std::find(kLevels.begin(), kLevels.end(), level);
  return found == kLevels.end() ? 2 : static_cast<std::size_t>(found - kLevels.begin());
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

class RingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  RingSink(std::shared_ptr<LogRing> ring, std::string origin) : ring_(std::move(ring)), origin_(std::move(origin)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    LogLine line;
    line.at = std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch()).count();
    line.level = kLevels[std::min<std::size_t>(static_cast<std::size_t>(message.level), kLevels.size() - 1)];
    line.origin = origin_;
    line.text.assign(message.payload.data(), message.payload.size());
    ring_->add(std::move(line));
  }
  void flush_() override {}

  const std::shared_ptr<LogRing> ring_;
  const std::string origin_;
};

}  // namespace

bool matches(const LogFilter& filter, const LogLine& line) {
  if (rank_of(line.level) < rank_of(filter.min_level)) return false;
  const auto found = std::search(line.text.begin(), line.text.end(), filter.text.begin(), filter.text.end(),
                                 [](char a, char b) { return lower(a) == lower(b); });
  return filter.text.empty() || found != line.text.end();
}

void LogRing::add(LogLine line) {
  if (line.text.size() > kMaxLineBytes) line.text.resize(kMaxLineBytes);
  const std::lock_guard lock(mutex_);
  line.number = next_++;
  lines_.push_back(std::move(line));
  if (lines_.size() > max_lines_) lines_.pop_front();
  arrived_.notify_all();
}

std::vector<LogLine> LogRing::tail(const LogFilter& filter, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<LogLine> found;
  for (auto line = lines_.rbegin(); line != lines_.rend() && found.size() < limit; ++line)
    if (matches(filter, *line)) found.push_back(*line);
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<LogLine> LogRing::follow(std::uint64_t number, const LogFilter& filter, std::chrono::milliseconds timeout, std::stop_token stop,
                                     std::uint64_t& reached) const {
  std::vector<LogLine> found;
  std::unique_lock lock(mutex_);
  reached = number;
  arrived_.wait_for(lock, stop, timeout, [&] {
    for (const LogLine& line : lines_) {
      if (line.number <= reached) continue;
      reached = line.number;
      if (matches(filter, line)) found.push_back(line);
    }
    return !found.empty();
  });
  return found;
}

std::uint64_t LogRing::newest() const {
  const std::lock_guard lock(mutex_);
  return next_ - 1;
}

spdlog::sink_ptr log_ring_sink(std::shared_ptr<LogRing> ring, std::string origin) {
  return std::make_shared<RingSink>(std::move(ring), std::move(origin));
}

}  // namespace penstock
