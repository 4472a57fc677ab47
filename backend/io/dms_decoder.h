#pragma once

// Rows of AWS DMS's files (https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.S3.html, "Capturing data changes"): files of changes
// begin each row with what happened, I, U or D, in the column `Op`; those of a full load have no such column, or I.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/codec.h"
#include "io/contract.h"

namespace penstock::dms {

inline constexpr const char* kOp = "Op";

// Decodes rows of that contract, whatever they are written in: fields that a row does not have are NULL.
using RowDecoder = std::function<Result<std::unique_ptr<Decoder>>(const Contract&)>;

// Rows of `contract` as changes, with `_op`: of a removal only the key counts. A field `Op` of the contract is not one of the row.
// Error: invalid_argument for a key that the contract does not know; whatever `make_rows` says.
Result<std::unique_ptr<Decoder>> make_decoder(const Contract& contract, const std::vector<std::string>& key, const RowDecoder& make_rows);

}  // namespace penstock::dms
