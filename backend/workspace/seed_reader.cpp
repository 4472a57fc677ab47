#include <algorithm>
#include <set>

#include "workspace/map_reader.h"
#include "workspace/settings_reader.h"
#include "workspace/utf8.h"

namespace penstock {
namespace {

constexpr std::size_t kMostRaggedLines = 10;   // reported one by one; a broken export would bury the rest

// Walks over CSV (RFC 4180): cells end at ',', records at a line end, and neither counts inside of quotes.
class CsvRecords {
 public:
  explicit CsvRecords(std::string_view text) : text_(text) {}

  // Reads the next record that is not empty. False at the end.
  bool next(std::vector<std::string>& cells, int& line) {
    while (at_ < text_.size()) {
      line = line_;
      cells.assign(1, {});
      read_record(cells);
      if (cells.size() > 1 || !cells.front().empty()) return true;
    }
    return false;
  }
  bool ended_inside_quotes() const { return quoted_; }

 private:
  void read_record(std::vector<std::string>& cells) {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\n') ++line_;
      if (quoted_) {
        if (c != '"') cells.back() += c;
        else if (at_ < text_.size() && text_[at_] == '"') cells.back() += text_[at_++];
        else quoted_ = false;
      } else if (c == '"') {
        quoted_ = true;
      } else if (c == ',') {
        cells.emplace_back();
      } else if (c == '\n') {
        return;
      } else if (c != '\r') {
        cells.back() += c;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool quoted_ = false;
};

void check_header(const std::string& file, const std::vector<std::string>& header, Problems& problems) {
  std::set<std::string> seen;
  for (const std::string& column : header) {
    if (!is_name(column)) problems.push_back({{file, 1, 1}, quote(column) + " cannot name a column", std::string(kNameExpected), {}});
    else if (!seen.insert(column).second) problems.push_back({{file, 1, 1}, "the column " + quote(column) + " stands here twice", "each column once", {}});
  }
}

}  // namespace

void read_seed(const std::string& file, std::string_view text, Workspace& workspace, Problems& problems) {
  const std::size_t slash = file.rfind('/');
  const std::string name = file.substr(slash + 1, file.rfind('.') - slash - 1);
  if (!is_name(name)) {
    problems.push_back({{file, 0, 0}, quote(name) + " cannot name a table of ref", std::string(kNameExpected), {}});
    return;
  }
  if (const auto broken = first_invalid_utf8(text)) {
    problems.push_back({place_in(file, text, *broken), "a byte that is not UTF-8 text", "CSV in UTF-8", {}});
    return;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CsvRecords records(text);
  std::vector<std::string> header, cells;
  int line = 1;
  if (!records.next(header, line)) {
    problems.push_back({{file, 1, 1}, "an empty seed", "a first line with the names of the columns", {}});
    return;
  }
  check_header(file, header, problems);
  std::size_t ragged = 0;
  while (records.next(cells, line)) {
    if (cells.size() == header.size() || ++ragged > kMostRaggedLines) continue;
    problems.push_back({{file, line, 1}, "a line of " + std::to_string(cells.size()) + " cells", std::to_string(header.size()) + ", as in the first line", {}});
  }
  if (records.ended_inside_quotes()) problems.push_back({{file, line, 1}, "a quote that is never closed", "a closing '\"'", {}});
  workspace.seeds.push_back({name, file});
}

}  // namespace penstock
