#include "store/rejected_keys.h"

#include <algorithm>

#include "store/text_search.h"

namespace penstock {
namespace {

constexpr std::int64_t kGathered = 4'096;            // rows whose keys stand together
constexpr std::int64_t kAtOnce = 64;                 // gathered after one insert: what an older version left behind comes bit by bit
constexpr std::size_t kMost = 20'000;                // rows found, of which each is then looked up by itself

// Ends a key. A key that holds one has another letter there, and so may be found where it should not, but never missed.
constexpr char kEnd = '\0';
constexpr char kInstead = '\x01';

// The first number that is not gathered. Numbers have no gaps, since no row is ever removed.
Result<std::int64_t> first_loose(Database& database) {
  PENSTOCK_ASSIGN(auto query, database.query("SELECT first + rows FROM rejected_keys ORDER BY first DESC LIMIT 1"));
  PENSTOCK_ASSIGN(const bool any, query.next());
  return any ? query.integer(0) : 1;
}

const std::optional<std::string> kTooMany;

class FoundNumbers {
 public:
  // False once they are too many.
  bool add(std::int64_t number) {
    list_ += (count_ ? "," : "") + std::to_string(number);
    return ++count_ <= kMost;
  }
  std::string list() const { return "[" + list_ + "]"; }

 private:
  std::string list_;
  std::size_t count_ = 0;
};

// False once there are too many.
bool search(std::string_view keys, std::int64_t first, const TextSearch& part, FoundNumbers& found) {
  std::size_t counted = 0;      // all ends before it belong to `number`
  std::int64_t number = first;
  for (std::size_t at = part.find_in_small(keys, 0); at != std::string_view::npos;) {
    number += std::count(keys.begin() + static_cast<std::ptrdiff_t>(counted), keys.begin() + static_cast<std::ptrdiff_t>(at), kEnd);
    if (!found.add(number)) return false;
    counted = keys.find(kEnd, at);
    at = counted == std::string_view::npos ? counted : part.find_in_small(keys, counted);
  }
  return true;
}

}  // namespace

Status gather_rejected_keys(Database& database) {
  PENSTOCK_ASSIGN(std::int64_t first, first_loose(database));
  for (std::int64_t gathered = 0; gathered < kAtOnce; ++gathered, first += kGathered) {
    {
      PENSTOCK_ASSIGN(auto query, database.query("SELECT max(number) FROM rejected"));
      PENSTOCK_TRY(query.next());
      if (query.integer(0) < first + kGathered - 1) return {};
    }
    std::string keys;
    std::int64_t rows = 0;
    {
      PENSTOCK_ASSIGN(auto query, database.query("SELECT key_text FROM rejected WHERE number BETWEEN ? AND ? ORDER BY number", {first, first + kGathered - 1}));
      while (true) {
        PENSTOCK_ASSIGN(const bool more, query.next());
        if (!more) break;
        std::string key = query.text(0);
        std::replace(key.begin(), key.end(), kEnd, kInstead);
        TextSearch::small_letters(key);
        keys.append(key).push_back(kEnd);
        ++rows;
      }
    }
    if (rows != kGathered) return {};      // somebody removed some: then a place would not tell the number
    PENSTOCK_TRY(database.run("INSERT INTO rejected_keys (first, rows, keys) VALUES (?, ?, ?)", {first, kGathered, Blob{keys}}));
  }
  return {};
}

Result<std::optional<std::string>> rejected_with_key(Database& database, const std::string& text) {
  if (text.find(kEnd) != std::string::npos) return kTooMany;
  const TextSearch part(text);
  FoundNumbers found;
  {
    PENSTOCK_ASSIGN(auto query, database.query("SELECT first, keys FROM rejected_keys ORDER BY first"));
    while (true) {
      PENSTOCK_ASSIGN(const bool more, query.next());
      if (!more) break;
      if (!search(query.bytes(1), query.integer(0), part, found)) return kTooMany;
    }
  }
  PENSTOCK_ASSIGN(const std::int64_t loose, first_loose(database));
  PENSTOCK_ASSIGN(auto query, database.query("SELECT number FROM rejected WHERE number >= ? AND contains_text(key_text, ?)", {loose, text}));
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return std::optional(found.list());
    if (!found.add(query.integer(0))) return kTooMany;
  }
}

}  // namespace penstock
