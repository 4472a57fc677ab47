#pragma once

// What would help rows that failed an expectation. Knows one cure so far: `column IN (SELECT key FROM ref.seed)` fails because
// keys are missing from the seed.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/rejected_index.h"

namespace penstock {

// An expectation of that form, taken apart.
struct SeedLookup {
  std::string column;       // of the rows
  std::string key;          // column of the seed
  std::string seed;         // "stores"
};
std::optional<SeedLookup> seed_lookup_of(const std::string& expectation_sql);

struct Diagnosis {
  std::string sentence;                     // "3 keys are missing from ref.stores. With them, 1,204 of 1,204 rows pass."
  std::string seed;                         // empty: no seed concerned
  std::vector<std::string> missing_keys;    // sorted, distinct
  std::int64_t open_rows = 0;
  std::int64_t would_pass = 0;              // with the seed as it is now
};

// The keys that a seed holds now, as text.
using SeedKeys = std::function<Result<std::set<std::string>>(const SeedLookup&)>;

// Looks at the open rows of a stream that failed `expectation`, at most the newest 100,000.
Result<Diagnosis> diagnose(const std::string& stream, const std::string& expectation, const std::string& expectation_sql,
                           const RejectedIndex& rejected, const SeedKeys& keys);

}  // namespace penstock
