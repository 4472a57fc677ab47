#include "workspace/problem.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <span>
#include <tuple>

namespace penstock {
namespace {

// Longer names are never a slip of the finger, and the table below stays small.
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kMostCandidates = 500;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Edits (insert, delete, replace, swap of neighbours) from one name to the other, letter case ignored.
std::size_t edits_between(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before(to.size() + 1), last(to.size() + 1), row(to.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const bool same = lower(from[i - 1]) == lower(to[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(from[i - 1]) == lower(to[j - 2]) && lower(from[i - 2]) == lower(to[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[to.size()];
}

}  // namespace

std::string Problem::to_string() const {
  std::string text = at.to_string();
  if (!text.empty()) text += ": ";
  text += message;
  if (!expected.empty()) text += "; expected " + expected;
  if (!suggestion.empty()) text += " (" + suggestion + ")";
  return text;
}

void sort_by_place(Problems& problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.at.file, a.at.line, a.at.column) < std::tie(b.at.file, b.at.line, b.at.column);
  });
}

std::string quote(std::string_view text) {
  constexpr std::size_t kShown = 60;
  const bool cut = text.size() > kShown;
  if (cut) {
    std::size_t end = kShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;   // not inside a character
    text = text.substr(0, end);
  }
  std::string shown = "'";
  for (const char c : text) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '.' : c;
  return shown + (cut ? "…'" : "'");
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  if (name.empty() || name.size() > kLongestName) return {};
  const std::string* best = nullptr;
  std::size_t best_edits = 0;
  for (const std::string& candidate : std::span(known).first(std::min(known.size(), kMostCandidates))) {
    if (candidate == name || candidate.size() > kLongestName) continue;
    const std::size_t edits = edits_between(name, candidate);
    const std::size_t allowed = std::max<std::size_t>(1, std::max(name.size(), candidate.size()) / 3);
    if (edits > allowed || (best && edits >= best_edits)) continue;
    best = &candidate;
    best_edits = edits;
  }
  return best ? "did you mean '" + *best + "'?" : std::string();
}

}  // namespace penstock
