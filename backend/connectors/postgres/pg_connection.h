#pragma once

// One session with a PostgreSQL server, by libpq. No call waits longer than the statement timeout and a little more,
// also when the server is stopped in the middle of an answer. Errors never carry the password.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "base/settings.h"

struct pg_conn;

namespace penstock::postgres {

struct ConnectionOptions {
  std::string host;
  std::int64_t port = 5432;
  std::string database;
  std::string user;
  std::string password;
  std::string ssl_mode = "prefer";
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds statement_timeout{60'000};      // 0: none
  bool replication = false;        // the session takes replication commands (START_REPLICATION, …), by simple() and copy_out() alone
};

std::vector<SettingSpec> connection_settings();
Result<ConnectionOptions> read_connection(const Settings& settings);

// Text values; none is NULL.
using Value = std::optional<std::string>;
using Rows = std::vector<std::vector<Value>>;

// Made and used by one thread.
class Connection {
 public:
  // The session runs in UTC, with the statement timeout set. Error: unavailable, unauthenticated, not_found.
  static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One statement with parameters $1…. Error kinds: see to_error; cancelled when asked to stop.
  Result<Rows> query(const std::string& sql, const std::vector<Value>& parameters = {}, Cancellation cancellation = {});
  Status run(const std::string& sql, const std::vector<Value>& parameters = {}, Cancellation cancellation = {});

  // A statement without parameters, in the simple protocol.
  Result<Rows> simple(const std::string& sql, Cancellation cancellation = {});

  // COPY … TO STDOUT, or START_REPLICATION: from then on take_copied() gives what comes.
  Status copy_out(const std::string& sql, Cancellation cancellation = {});
  enum class Copied { data, nothing, ended };
  // `data`: what came next, valid until the next call; `nothing`: not yet. Does not wait.
  Result<Copied> take_copied(std::string_view& data);
  // Sends beside START_REPLICATION.
  Status send_copied(std::string_view data);
  // Until something came on one of them, at most so long. Error: one of them is lost.
  static Status wait_for_any(const std::vector<Connection*>& connections, std::chrono::milliseconds timeout);

  // COPY … FROM STDIN: sends chunks until `next` gives none.
  Status copy_in(const std::string& sql, const std::function<std::optional<std::string_view>()>& next, Cancellation cancellation);

  // Whether the last error was about a row's data, so that the session can go on after ROLLBACK TO SAVEPOINT.
  bool failed_on_data() const;
  // The session cannot be used any more.
  bool broken() const { return broken_; }

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  explicit Connection(const ConnectionOptions& options) : options_(options) {}

  Deadline deadline() const;
  Status wait(bool for_write, Deadline deadline, Cancellation cancellation);
  Status flush(Deadline deadline, Cancellation cancellation);
  // All results of what was sent: rows of the last one, or the first error. Ends early where COPY wants data.
  Result<Rows> collect(bool into_copy, Cancellation cancellation);
  Error lost();
  void ask_server_to_cancel();

  // Constant after open().
  const ConnectionOptions options_;
  pg_conn* connection_ = nullptr;

  std::string last_state_;       // SQLSTATE
  char* copied_ = nullptr;       // of libpq: what take_copied() gave last
  bool broken_ = false;
};

}  // namespace penstock::postgres
