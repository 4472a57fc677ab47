#pragma once

#include <string>
#include <string_view>

#include "workspace/problem.h"

namespace penstock {

// "silver.sales": a layer that streams may write (bronze, silver, gold) and a name. Reports what is wrong at `at`.
bool check_table_name(std::string_view table, const Location& at, Problems& problems);

// The map that `delta: gold.sales` and `land: gold.sales` are short for: { table: gold.sales }.
Setting table_setting(const std::string& table, const Location& at);

}  // namespace penstock
