#pragma once

// What one line of a Delta log says (https://github.com/delta-io/delta/blob/master/PROTOCOL.md, "Actions"), as
// values, and the JSON lines that carry them. Only what Penstock acts on is kept; unknown actions are skipped, as
// the protocol asks: whatever would need them is announced by a table feature, which features.h refuses.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace penstock::delta {

struct Protocol {
  int min_reader = 1;
  int min_writer = 2;
  std::vector<std::string> reader_features;   // only when min_reader is 3
  std::vector<std::string> writer_features;   // only when min_writer is 7

  bool operator==(const Protocol&) const = default;
};

struct Metadata {
  std::string id;
  std::string name;
  std::string format = "parquet";
  std::string schema_string;                  // JSON, see schema_string.h
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;
  std::int64_t created_ms = 0;                // milliseconds since 1970, as every time in a log

  bool operator==(const Metadata&) const = default;
};

// Of a file of a partitioned table, by column: the value as the protocol writes it ("Partition Value Serialization"); none: NULL.
using PartitionValues = std::map<std::string, std::optional<std::string>>;

struct AddFile {
  std::string path;                           // relative to the table's folder, decoded; or an absolute URI
  std::int64_t bytes = 0;
  std::int64_t modified_ms = 0;
  bool data_change = true;                    // false: the same rows, arranged differently
  std::string statistics;                     // JSON; empty: none
  PartitionValues partition;
  bool has_deletion_vector = false;           // some of its rows are gone: refused by features.h

  bool operator==(const AddFile&) const = default;
};

struct RemoveFile {
  std::string path;
  std::int64_t deleted_ms = 0;
  bool data_change = true;
  std::int64_t bytes = 0;
  PartitionValues partition;

  bool operator==(const RemoveFile&) const = default;
};

// The last version of an application that wrote here: Penstock's marker and epoch.
struct Transaction {
  std::string app_id;
  std::int64_t version = 0;
  std::int64_t updated_ms = 0;

  bool operator==(const Transaction&) const = default;
};

// Who made a commit and why; free text for people and for `DESCRIBE HISTORY`.
struct CommitInfo {
  std::int64_t timestamp_ms = 0;
  std::string operation;                                   // "STREAMING UPDATE", "OPTIMIZE", …
  std::map<std::string, std::string> parameters;
  bool blind_append = false;
  std::map<std::string, std::string> metrics;              // "numOutputRows", …: what it took
  std::map<std::string, std::string> tags;                 // Penstock's own: stream, sink, epochs, …

  bool operator==(const CommitInfo&) const = default;
};

using Action = std::variant<CommitInfo, Protocol, Metadata, Transaction, AddFile, RemoveFile>;

// One JSON object without a line end.
std::string to_json_line(const Action& action);
// The lines of one commit file.
std::string to_json_lines(const std::vector<Action>& actions);

// One line of a commit, or one row of a checkpoint as JSON. None for an action that Penstock does not know.
// Error: data_loss when it is not a JSON object or a field has the wrong type.
Result<std::optional<Action>> parse_action(std::string_view line);
// All lines of a commit file. Errors say the line.
Result<std::vector<Action>> parse_actions(std::string_view text);

}  // namespace penstock::delta
