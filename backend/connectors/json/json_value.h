#pragma once

// Takes one value of a JSON record into its column. Only json_decoder.cpp uses it; it is apart so that what a value
// may look like, and how a record is walked, can each be read on their own.

#include <optional>
#include <string>

#include <simdjson.h>

#include "io/contract.h"
#include "io/value_checker.h"
#include "record/batch_builder.h"

namespace penstock::json {

inline constexpr int kMaxDepth = 64;

// A field of the contract, ready to decode.
struct FieldPlan {
  ContractField field;
  std::optional<ValueChecker> checker;     // none: nothing to check
};

// Appends the value, or NULL. False: nothing was appended, and `fault` is the rest of the sentence after the field's
// name ("expected a whole number, got \"three\""). simdjson's errors about the document itself come as exceptions of
// the document's walk: the caller sees them when it goes on.
bool append_value(simdjson::ondemand::value& value, const FieldPlan& plan, ColumnBuilder& column, std::string& fault);

// Walks over a whole value, so that what is kept or skipped as text is known to be JSON. False with a sentence.
bool check_value(simdjson::ondemand::value& value, int depth, std::string& fault);

}  // namespace penstock::json
