#pragma once

// Rows as JSON objects, one a row, for peers that take messages. Thread-safe.
//
//   decimal → a number, exactly   float64 → a number; not finite: as said    date, timestamp → ISO 8601 text
//   blob → base64 text            json → as it is                            NULL → null

#include <span>
#include <string>
#include <string_view>

#include "record/batch.h"

namespace penstock {

// JSON has no number for NaN and the infinities: they are null, or the texts "NaN", "Infinity", "-Infinity", which no decoder
// takes for a number.
enum class NotFinite { as_null, as_text };

// Appends the object of these columns of one row.
void append_row_json(const Batch& rows, std::int64_t row, std::span<const std::size_t> columns, std::string& out, NotFinite not_finite = NotFinite::as_null);

std::string to_base64(std::string_view bytes);

}  // namespace penstock
