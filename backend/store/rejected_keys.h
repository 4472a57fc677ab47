#pragma once

// Finds a text in the keys of a million rejected rows without reading the rows: once 4,096 have come, their keys are kept a
// second time, in small letters, one behind the other, in one value of `rejected_keys`. Private to store/.

#include <optional>
#include <string>

#include "store/database.h"

namespace penstock {

// Keeps the keys of rows that were inserted together with the rows. Called in their transaction.
Status gather_rejected_keys(Database& database);

// The numbers of all rows whose key holds `text` (ASCII letters of either case are the same), and perhaps of a few more, as
// a JSON list; none where they are so many that the rows are better read one after the other. The caller holds the lock.
Result<std::optional<std::string>> rejected_with_key(Database& database, const std::string& text);

}  // namespace penstock
