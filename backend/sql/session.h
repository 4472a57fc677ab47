#pragma once

// One in-memory DuckDB database with its connection: where SQL runs. Nothing durable lives in it. Not
// thread-safe, except interrupt(). Must end before main() does: DuckDB's own statics are gone after it.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/batch.h"

namespace penstock {

struct SessionOptions {
  std::int64_t memory_bytes = 128 << 20;
  int threads = 1;
  // May its SQL read and write files? Otherwise only what lies in `readable_folders`.
  bool file_access = false;
  std::vector<std::string> readable_folders;
};

class Session {
 public:
  struct Impl;    // session_impl.h: for this folder

  static Result<std::unique_ptr<Session>> open(const SessionOptions& options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Status execute(std::string_view sql);
  // The rows of one statement, in batches of at most kMaxBatchRows; none when there are no rows.
  // Types are those of record/schema.h (column_types.h says what becomes of DuckDB's others).
  Result<std::vector<Batch>> query(std::string_view sql);
  // The same, batch by batch; stops at the first error that `rows` returns.
  Status query(std::string_view sql, const std::function<Status(const Batch&)>& rows);

  // Makes `FROM name` give the rows that set_input() said last. `name` is "name" or "schema.name".
  Status bind_input(const std::string& name, SchemaPtr schema);
  // Kept until it is called again. `name` was bound, and the rows have its schema.
  void set_input(const std::string& name, std::span<const Batch> rows);

  // Replaces the table `name` ("ref.stores") in one step: statements that run later see all of it.
  Status load_table(const std::string& name, const SchemaPtr& schema, std::span<const Batch> rows);
  // Loads a CSV file with a header as table `name`; column types are found from its rows.
  Status load_seed(const std::string& name, const std::string& path);
  // Loads again those seeds whose file has changed; gives their names. A file that cannot be read keeps the rows
  // loaded before and is an error.
  Result<std::vector<std::string>> refresh_seeds();
  // The columns of a table. Error: not_found.
  Result<SchemaPtr> columns(const std::string& name);
  // Names given to load_table() and load_seed().
  std::vector<std::string> tables() const;

  // Ends the statement that runs now with ErrorKind::cancelled. Any thread.
  void interrupt();

  Impl& impl() { return *impl_; }

 private:
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
