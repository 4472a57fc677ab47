#pragma once

#include <string>
#include <string_view>

#include "record/batch.h"

namespace penstock {

// Row `row` as one JSON object, columns in order: numbers as numbers, decimals as numbers with all their digits, json
// columns as they are, blobs as text with \xNN for bytes that are not printable, dates and times as ISO 8601.
void append_row_json(const Batch& batch, std::int64_t row, std::string& out);
// `text` in double quotes, escaped as RFC 8259 says. Bytes that are not UTF-8 become U+FFFD.
void append_json_text(std::string_view text, std::string& out);

}  // namespace penstock
