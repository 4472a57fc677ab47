#include "base/log.h"

#include <spdlog/spdlog.h>

namespace penstock {
namespace {

constexpr std::string_view kPlace = "{}";

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void write_log(LogLevel level, std::string_view text, std::initializer_list<LogPart> parts) {
  if (!spdlog::should_log(level_of(level))) return;
  std::string line;
  for (const LogPart& part : parts) {
    const auto place = text.find(kPlace);
    line += text.substr(0, place);
    line += part.text();
    text = place == std::string_view::npos ? std::string_view() : text.substr(place + kPlace.size());
  }
  line += text;
  spdlog::default_logger_raw()->log(level_of(level), line);
}

}  // namespace penstock
