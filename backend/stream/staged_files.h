#pragma once

// Where a table lies, and the finished data files in it that an epoch has written and no table knows yet:
// "staged-<state id>-<epoch>-<random>.parquet", and "…-new.parquet" for rows with new keys (io/staged_name.h).

#include <cstdint>
#include <string>
#include <vector>

#include "io/sink.h"
#include "stream/stream_program.h"

namespace penstock {

class Parquet;

// A table `layer.name` lies at `<tables>/<layer>/<name>` (workspace.md).
std::string table_folder(const std::string& tables_root, std::string table);

// Whether many rows for the sink go into a finished file at once. Changes by key become files only with those of the table.
bool is_staged(const SinkSpec& sink);

// Writes the rows as one finished, fsynced file of the feed's table, whose folder is made where it is missing. `new_keys`: they are
// the first rows with their keys, all of them created, and the file has the table's columns (holds_new_keys).
Result<StagedFile> write_staged_file(Parquet& parquet, const std::string& folder, const SinkFeed& feed, const std::string& state_id, std::int64_t epoch, bool new_keys,
                                     const std::vector<Batch>& rows, std::int64_t now);
// Removes those of a state's epochs after `last_epoch`: nothing knows them.
void remove_staged_files(const std::string& table_folder, const std::string& state_id, std::int64_t last_epoch);

}  // namespace penstock
