#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::files {

struct CsvCell {
  std::string_view text;      // without its quotes; points into the record, or into the scratch text
  bool quoted = false;        // "" is an empty text; an empty cell without quotes is NULL
};

// Cuts one record into cells as RFC 4180 has it. `scratch` holds cells whose doubled quotes were undone; both must
// outlive the cells. Gives what is wrong, or nothing.
std::optional<std::string> split_csv(std::string_view record, char delimiter, std::vector<CsvCell>& cells, std::string& scratch);

}  // namespace penstock::files
