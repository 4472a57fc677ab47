#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/batch.h"

namespace penstock {

// Appends a row's values of these columns as bytes that are equal exactly when the values are: lengths keep ("a", "bc") and
// ("ab", "c") apart. False when any of them is NULL; NULLs are equal to each other.
bool append_key_bytes(const std::vector<ColumnView>& columns, std::int64_t row, std::string& bytes);

// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): the same in every version, so that names of files may hold it.
std::uint64_t fnv_hash(std::string_view bytes);

}  // namespace penstock
