#pragma once

// One cell of a row, for people and for scripts.

#include <string>
#include <string_view>

#include "penstock/v1/common.pb.h"
#include "ctl/json_text.h"

namespace penstock::ctl {

std::string cell_text(const v1::Cell& cell);       // NULL is "NULL"
Json cell_json(const v1::Cell& cell);              // times are ISO 8601, NULL is null
std::string bytes_text(std::string_view bytes);    // as it is where it is UTF-8, else base64

}  // namespace penstock::ctl
