#pragma once

// Finished data files that an epoch has written and no table knows yet: "staged-<state id>-<epoch>-<random>.parquet".

#include <cstdint>
#include <string>

namespace penstock {

std::string staged_file_name(const std::string& state_id, std::int64_t epoch);
// Removes those of a state's epochs after `last_epoch`: nothing knows them.
void remove_staged_files(const std::string& table_folder, const std::string& state_id, std::int64_t last_epoch);

}  // namespace penstock
