#pragma once

#include <string>

#include "base/result.h"
#include "io/raw_batch.h"

namespace penstock {

// A contract for records that came without one: JSON Schema text, which make_json_decoder takes once it is kept as a
// version. Only what every record shows is claimed:
//
//   true, false → boolean        1, -5 → integer                  1, 1.5 → number
//   all texts are times with a zone → format date-time            all are dates → format date, else string
//   objects, arrays, or kinds that differ → anything (a json column)
//
// Every property may be absent or null: a sample cannot promise more. Records that are no objects are passed over.
// Error: invalid_argument when the sample holds no object with a field.
Result<std::string> infer_json_contract(const RawBatch& sample);

}  // namespace penstock
