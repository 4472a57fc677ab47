#pragma once

// What the program writes into its log: a text in which each {} stands for the next part.
//   log_warn("sink {} of {}: {} (try {})", sink, stream, error.to_string(), failures);
// Where it goes (standard error, the console's Activity page) is set up in app/serving. Thread-safe.

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace penstock {

enum class LogLevel { info, warn, error };

class LogPart {
 public:
  LogPart(std::string_view text) : text_(text) {}
  LogPart(const std::string& text) : text_(text) {}
  LogPart(const char* text) : text_(text) {}
  LogPart(std::integral auto number) : text_(std::to_string(number)) {}

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void write_log(LogLevel level, std::string_view text, std::initializer_list<LogPart> parts);

template <typename... Parts>
void log_info(std::string_view text, const Parts&... parts) {
  write_log(LogLevel::info, text, {LogPart(parts)...});
}

template <typename... Parts>
void log_warn(std::string_view text, const Parts&... parts) {
  write_log(LogLevel::warn, text, {LogPart(parts)...});
}

template <typename... Parts>
void log_error(std::string_view text, const Parts&... parts) {
  write_log(LogLevel::error, text, {LogPart(parts)...});
}

}  // namespace penstock
