#pragma once

// What a replication session gives: messages of the streaming replication protocol, and in them those of pgoutput, version 1
// (https://www.postgresql.org/docs/15/protocol-replication.html, protocol-logicalrep-message-formats.html).

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "connectors/postgres/lsn.h"

namespace penstock::postgres {

// Views are into the message.
struct LogData {
  Lsn start = 0, end = 0;              // of the log behind it, as the server knows it
  std::string_view message;            // of pgoutput
};
struct KeepAlive {
  Lsn end = 0;                         // everything before it was sent
  bool reply = false;                  // the server wants to hear from us at once
};
using Replicated = std::variant<LogData, KeepAlive>;

struct Begin {
  Lsn commit = 0;                      // where the transaction's commit begins
  std::int64_t commit_micros = 0;      // since 1970
  std::uint32_t xid = 0;
};
struct Commit {
  Lsn commit = 0, end = 0;
};
struct Relation {
  struct Column {
    bool in_key = false;               // of the replica identity
    std::string name;
    std::uint32_t type = 0;            // oid
    std::int32_t modifier = -1;
    bool operator==(const Column&) const = default;
  };
  std::uint32_t id = 0;
  std::string schema, table;
  char identity = 'd';                 // d default, n nothing, f full, i index
  std::vector<Column> columns;
};
struct TupleValue {
  enum class Kind { null, unchanged, text };
  Kind kind = Kind::null;
  std::string_view text;
};
using Tuple = std::vector<TupleValue>;
struct RowChange {
  enum class What { insert, update, remove };
  What what = What::insert;
  std::uint32_t relation = 0;
  std::optional<Tuple> before;         // key columns alone, the others NULL, unless `before_is_whole`
  bool before_is_whole = false;
  Tuple after;                         // not of a removal
};
struct Truncate {
  std::vector<std::uint32_t> relations;
};
struct Passed {};                      // a message that says nothing of rows: types, origins, …
using Message = std::variant<Begin, Commit, Relation, RowChange, Truncate, Passed>;

// Errors: data_loss, saying what was expected where.
Result<Replicated> parse_replicated(std::string_view bytes);
Result<Message> parse_pgoutput(std::string_view message);

// "Standby status update": everything before `flushed` is durable here.
std::string status_update(Lsn received, Lsn flushed, std::int64_t now_micros);

}  // namespace penstock::postgres
