#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::files {

// The headers of a record that came from a file: {"columns":[…],"file":…,"line":…}, where columns is there for CSV.

// Everything up to the line number, made once a file.
std::string headers_prefix(const std::vector<std::string>* columns, const std::string& file);
// The headers of one record.
void append_headers(std::string& out, const std::string& prefix, std::int64_t line);

// Reads headers, keeping what does not change from record to record. Not thread-safe.
class HeadersReader {
 public:
  // False when these are no such headers.
  bool read(std::string_view headers);
  const std::vector<std::string>& columns() const { return columns_; }
  bool columns_changed() const { return columns_changed_; }    // in the last read()
  std::int64_t line() const { return line_; }

 private:
  std::string prefix_;
  std::vector<std::string> columns_;
  bool columns_changed_ = false;
  std::int64_t line_ = 0;
};

}  // namespace penstock::files
