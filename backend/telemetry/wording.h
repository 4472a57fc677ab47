#pragma once

// How numbers read in the sentences that the engine writes: reasons, outcomes, what needs the operator.

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock {

std::string with_thousands(std::int64_t number);                        // "182,400"
std::string count_of(std::int64_t number, std::string_view noun);       // "1 table", "3 tables"
std::string percent_of(double fraction);                                // "3.1 %", "0.02 %", "12 %"
std::string clock_time(std::int64_t micros);                            // "14:27:55 UTC"
std::string in_words(std::int64_t micros);                              // "7 s", "4 m 12 s", "2 h 5 m"

}  // namespace penstock
