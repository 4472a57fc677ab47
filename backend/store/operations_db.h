#pragma once

#include <memory>
#include <string>

#include "store/database.h"

namespace penstock {

// `<state root>/operations.db`: audit log, rejected rows, versions, replays, pods, mutes. Durability full.
Result<std::unique_ptr<Database>> open_operations_db(const std::string& path);

}  // namespace penstock
