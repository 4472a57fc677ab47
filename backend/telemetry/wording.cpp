#include "telemetry/wording.h"

#include <cmath>
#include <cstdio>

namespace penstock {

std::string with_thousands(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string count_of(std::int64_t number, std::string_view noun) {
  return with_thousands(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::string percent_of(double fraction) {
  const double percent = fraction * 100;
  const int decimals = percent >= 10 || percent == 0 ? 0 : percent >= 1 ? 1 : 2;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f %%", decimals, percent);
  return text;
}

std::string clock_time(std::int64_t micros) {
  const std::int64_t seconds = ((micros / 1'000'000) % 86'400 + 86'400) % 86'400;
  char text[32];
  std::snprintf(text, sizeof text, "%02d:%02d:%02d UTC", static_cast<int>(seconds / 3'600), static_cast<int>(seconds / 60 % 60),
                static_cast<int>(seconds % 60));
  return text;
}

std::string in_words(std::int64_t micros) {
  const std::int64_t seconds = micros / 1'000'000;
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3'600) return std::to_string(seconds / 60) + " m " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds / 3'600) + " h " + std::to_string(seconds / 60 % 60) + " m";
}

}  // namespace penstock
