#pragma once

// The contract of records that are rows as io/row_json.h writes them, from what their columns are: exact, where a sample of
// the records could only be guessed from.

#include <optional>
#include <string>
#include <vector>

#include "record/schema.h"

namespace penstock {

// JSON Schema, as io/json_schema_contract.h reads it. Every column may be NULL.
std::string row_contract_text(const Schema& columns);

// The text of the contract at `path` with those of `fields` behind its own that are columns of the rows; none where none is, or where
// the contract is of another language.
std::optional<std::string> row_contract_with(const std::string& path, const Schema& columns, const std::vector<std::string>& fields);

}  // namespace penstock
