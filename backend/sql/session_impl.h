#pragma once

// Private to this folder: what the other files here use of a session.

#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "sql/input_scan.h"
#include "sql/session.h"
#include "sql/statement.h"

namespace penstock {

struct Session::Impl {
  struct Seed {
    std::string path;
    std::filesystem::file_time_type changed;
    std::uintmax_t bytes = 0;
  };

  duck::Database database;
  duck::Connection connection;
  std::map<std::string, std::shared_ptr<ScanInput>> inputs;
  std::map<std::string, Seed> seeds;
  std::set<std::string> tables;
  std::shared_ptr<ScanInput> load = std::make_shared<ScanInput>();
  std::optional<std::set<std::string>> aggregate_functions;   // read from DuckDB when first asked for
  std::optional<std::set<std::string>> volatile_functions;
  int next_scan = 0;

  // One statement whose columns are those of `schema`, in batches of at most kMaxBatchRows.
  Status run(const std::string& sql, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows);
  // A name that no other scan of this session has.
  std::string new_scan_name() { return "penstock_scan_" + std::to_string(next_scan++); }
};

}  // namespace penstock
