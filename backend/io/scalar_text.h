#pragma once

// Values as text: what JSON numbers, CSV cells and defaults have in common. Nothing here rounds or guesses: a text
// that is not exactly such a value gives nothing. Thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/batch.h"

namespace penstock {

// The grammar of RFC 8259 for a number.
bool is_json_number(std::string_view text);

enum class DecimalFault { none, not_a_number, too_many_digits, too_many_decimals };

// "12.99", "-1", "1.5e3" as an unscaled value with `type.scale` decimals. Trailing zeros beyond the scale are no fault.
DecimalFault parse_decimal(std::string_view text, Type type, Int128& value);

std::optional<std::int64_t> parse_whole(std::string_view text);
std::optional<double> parse_real(std::string_view text);        // finite
std::optional<std::string> parse_base64(std::string_view text); // RFC 4648, with padding

bool is_utf8(std::string_view text);                            // RFC 3629: no surrogates, nothing too long
bool is_uuid(std::string_view text);                            // RFC 9562, in either case
// The same, with U+FFFD for each byte that is not UTF-8: what a peer or a file says goes into tables and messages that take nothing else.
std::string utf8_text(std::string text);

// At most 40 bytes of a value, on one line and in UTF-8 whatever it holds, for an error sentence.
std::string shortened(std::string_view value);

// "a whole number", "a decimal number with at most 2 decimals": what a type wants, for an error sentence.
std::string expectation_of(Type type);

}  // namespace penstock
