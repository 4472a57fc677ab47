#include "ctl/output.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

#include "base/clock.h"

namespace penstock::ctl {
namespace {

// Characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool looks_numeric(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.,-+e/s%") == std::string::npos;
}

std::string format(const char* pattern, double value) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), pattern, value);
  return buffer.data();
}

}  // namespace

std::string Table::text() const {
  const std::size_t columns = headers_.size();
  std::vector<std::size_t> widths(columns);
  std::vector<bool> right(columns, !rows_.empty());
  for (std::size_t column = 0; column < columns; ++column) {
    widths[column] = width_of(headers_[column]);
    for (const auto& row : rows_) {
      widths[column] = std::max(widths[column], width_of(row[column]));
      right[column] = right[column] && (looks_numeric(row[column]) || row[column] == "–");
    }
  }
  std::string text;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t column = 0; column < columns; ++column) {
      const std::string gap(widths[column] - width_of(cells[column]), ' ');
      line += right[column] ? gap + cells[column] : cells[column] + gap;
      if (column + 1 < columns) line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add_line(headers_);
  for (const auto& row : rows_) add_line(row);
  return text;
}

bool writes_to_terminal() {
#ifdef _WIN32
  return _isatty(_fileno(stdout)) != 0;
#else
  return isatty(STDOUT_FILENO) != 0;
#endif
}

void print(const std::string& text) {
  std::cout << text;
  if (!text.empty() && text.back() != '\n') std::cout << '\n';
  std::cout.flush();
}

void print(const Json& document) { print(document.dump(2, ' ', false, Json::error_handler_t::replace)); }

std::string count_text(std::int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return (number < 0 ? "-" : "") + digits;
}

std::string rate_text(double per_second) {
  return (per_second > 0 && per_second < 10 ? format("%.1f", per_second) : count_text(std::llround(per_second))) + "/s";
}

std::string duration_text(std::int64_t micros) {
  if (micros < 0) return "unknown";
  if (micros < 1'000) return std::to_string(micros) + " µs";
  if (micros < 1'000'000) return std::to_string((micros + 500) / 1'000) + " ms";
  if (micros < 60'000'000) return format("%.1f s", static_cast<double>(micros) / 1e6);
  const auto seconds = micros / 1'000'000;
  if (seconds < 3600) return std::to_string(seconds / 60) + " m " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " m";
}

std::string bytes_size_text(std::int64_t bytes) {
  static constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  return format(unit == 0 ? "%.0f " : "%.1f ", size) + kUnits[unit];
}

std::string latency_text(const v1::Latency& latency) {
  return latency.count() == 0 ? "–" : duration_text(latency.p50()) + " / " + duration_text(latency.p99());
}

std::string time_text(std::int64_t micros) { return micros == 0 ? "–" : to_iso8601(from_micros(micros)); }

}  // namespace penstock::ctl
