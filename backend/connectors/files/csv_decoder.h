#pragma once

#include <memory>
#include <optional>
#include <string>

#include "io/codec.h"
#include "io/contract.h"

namespace penstock::files {

// A record without header may lack the cell of the first field, which is NULL then; times without a zone are UTC.
struct DmsCsv {
  std::string null_value = "NULL";      // what stands for NULL (csvNullValue), without quotes; an empty text is one, then
};

// Decodes CSV records by the contract. The names of the columns stand in the record's headers, where the files source
// puts them ({"columns": […], "file": …, "line": …}); a record without them has the contract's columns in their order.
// A record with more or fewer cells than columns is refused with its line. Cells become values as JSON's do: exactly
// or not at all. An empty cell without quotes is NULL. Columns that the contract does not know are drift.
// `dms`: as AWS DMS writes them.
// Error: invalid_argument for a contract whose patterns are wrong.
Result<std::unique_ptr<Decoder>> make_csv_decoder(const Contract& contract, char delimiter, const std::optional<DmsCsv>& dms = std::nullopt);

// A contract (JSON Schema) for CSV records of which nothing is known but their cells.
Result<std::string> infer_csv_contract(const RawBatch& sample, char delimiter);

}  // namespace penstock::files
