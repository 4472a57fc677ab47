#include "rpc/log_messages.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/iso8601.h"
#include "io/scalar_text.h"

namespace penstock::rpc {

void write(const LogLine& line, v1::LogLine& message) {
  message.set_at(line.at);
  message.set_level(line.level);
  message.set_origin(line.origin);
  message.set_text(utf8_text(line.text));
}

v1::LogLine log_line_of(const std::string& text, const std::string& pod) {
  static constexpr std::array<std::string_view, 6> kLevels{"trace", "debug", "info", "warning", "error", "critical"};
  v1::LogLine message;
  message.set_origin(pod);
  message.set_level("info");
  message.set_text(utf8_text(text));
  const auto level_at = text.find(' ');
  const auto text_at = level_at == std::string::npos ? std::string::npos : text.find(' ', level_at + 1);
  if (text_at == std::string::npos) return message;
  const auto time = parse_iso_time(std::string_view(text).substr(0, level_at));
  const auto level = std::string_view(text).substr(level_at + 1, text_at - level_at - 1);
  if (!time || std::find(kLevels.begin(), kLevels.end(), level) == kLevels.end()) return message;
  message.set_at(to_micros(*time));
  message.set_level(std::string(level == "critical" ? "error" : level));
  message.set_text(utf8_text(text.substr(text_at + 1)));
  return message;
}

}  // namespace penstock::rpc
