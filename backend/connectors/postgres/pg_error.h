#pragma once

// PostgreSQL's errors in Penstock's words (https://www.postgresql.org/docs/15/errcodes-appendix.html).

#include <string>

#include "base/result.h"

namespace penstock::postgres {

// `state` is the five-character SQLSTATE, empty where the server said none: the connection is lost.
Error to_error(const std::string& state, const std::string& message);

// The row itself is wrong (a value, a constraint): other rows may still go in.
bool is_data_error(const std::string& state);

// The text with every `secret` blotted out and its line ends folded into spaces.
std::string without_secret(std::string text, const std::string& secret);

}  // namespace penstock::postgres
