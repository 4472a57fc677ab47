#include "connectors/files/csv_cells.h"

#include <algorithm>

namespace penstock::files {
namespace {

// The closing quote of the cell that begins behind `at`; npos when there is none. Sets `doubled`.
std::size_t closing_quote(std::string_view record, std::size_t at, bool& doubled) {
  doubled = false;
  for (;;) {
    const std::size_t quote = record.find('"', at);
    if (quote == std::string_view::npos || quote + 1 >= record.size() || record[quote + 1] != '"') return quote;
    doubled = true;
    at = quote + 2;
  }
}

std::string_view undoubled(std::string_view text, std::string& scratch) {
  const std::size_t begin = scratch.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    scratch += text[i];
    if (text[i] == '"') ++i;
  }
  return std::string_view(scratch).substr(begin);
}

}  // namespace

std::optional<std::string> split_csv(std::string_view record, char delimiter, std::vector<CsvCell>& cells, std::string& scratch) {
  cells.clear();
  scratch.clear();
  scratch.reserve(record.size());      // so that it never moves below the cells
  std::size_t at = 0;
  for (;;) {
    CsvCell cell;
    std::size_t end = 0;
    if (at < record.size() && record[at] == '"') {
      bool doubled = false;
      const std::size_t quote = closing_quote(record, at + 1, doubled);
      if (quote == std::string_view::npos) return "cell " + std::to_string(cells.size() + 1) + " has a quote that is not closed";
      cell.quoted = true;
      cell.text = record.substr(at + 1, quote - at - 1);
      if (doubled) cell.text = undoubled(cell.text, scratch);
      end = quote + 1;
      if (end < record.size() && record[end] != delimiter) return "cell " + std::to_string(cells.size() + 1) + " goes on behind its closing quote";
    } else {
      end = std::min(record.find(delimiter, at), record.size());
      cell.text = record.substr(at, end - at);
      if (cell.text.find('"') != std::string_view::npos) return "cell " + std::to_string(cells.size() + 1) + " holds a quote but is not quoted";
    }
    cells.push_back(cell);
    if (end >= record.size()) return std::nullopt;
    at = end + 1;
  }
}

}  // namespace penstock::files
