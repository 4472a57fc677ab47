#pragma once

// How penstockctl writes: aligned tables for people, one JSON document for scripts.

#include <cstdint>
#include <string>
#include <vector>

#include "ctl/json_text.h"
#include "penstock/v1/common.pb.h"

namespace penstock::ctl {

class Table {
 public:
  explicit Table(std::vector<std::string> headers) : headers_(std::move(headers)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::size_t rows() const { return rows_.size(); }
  // Columns are as wide as their widest cell; one that holds only numbers is right-aligned.
  std::string text() const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

bool writes_to_terminal();               // where a page may be drawn over the last one
void print(const std::string& text);     // to stdout, with a line end where it has none
void print(const Json& document);        // indented

std::string count_text(std::int64_t number);              // 182,400
std::string rate_text(double per_second);                 // "580/s", "0.4/s"
std::string duration_text(std::int64_t micros);           // "12 ms", "1.4 s", "3 m 20 s"; "unknown" below 0
std::string bytes_size_text(std::int64_t bytes);          // "4.2 MiB"
std::string latency_text(const v1::Latency& latency);     // "12 ms / 38 ms" (p50 / p99), "–" when nothing was measured
std::string time_text(std::int64_t micros);               // ISO 8601; "–" for 0

}  // namespace penstock::ctl
