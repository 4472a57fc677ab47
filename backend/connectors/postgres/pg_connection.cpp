#include "connectors/postgres/pg_connection.h"

#include <libpq-fe.h>

#include <array>
#include <utility>

#ifdef _WIN32
#include <winsock2.h>
#else
#include <poll.h>
#endif

#include "connectors/postgres/pg_error.h"

namespace penstock::postgres {
namespace {

using std::chrono::milliseconds;

// Beyond the server's own timeout: by then it has answered, or it never will.
constexpr milliseconds kGrace{5'000};
constexpr milliseconds kLookForCancellation{100};

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ResultDeleter>;

#ifdef _WIN32
using PollEntry = WSAPOLLFD;
int poll_entries(PollEntry* entries, std::size_t count, milliseconds timeout) { return WSAPoll(entries, static_cast<ULONG>(count), static_cast<int>(timeout.count())); }
#else
using PollEntry = pollfd;
int poll_entries(PollEntry* entries, std::size_t count, milliseconds timeout) { return ::poll(entries, count, static_cast<int>(timeout.count())); }
#endif

PollEntry entry_of(int socket, bool for_write) {
  PollEntry entry{};
  entry.fd = static_cast<decltype(entry.fd)>(socket);
  entry.events = static_cast<short>(POLLIN | (for_write ? POLLOUT : 0));
  return entry;
}

// True when the socket is ready within `timeout`.
bool poll_socket(int socket, bool for_write, milliseconds timeout) {
  PollEntry entry = entry_of(socket, for_write);
  return poll_entries(&entry, 1, timeout) != 0;
}

// Until one of them has something to read.
template <typename SocketOf>
void poll_sockets(std::size_t count, SocketOf socket_of, milliseconds timeout) {
  std::vector<PollEntry> entries;
  for (std::size_t i = 0; i < count; ++i) entries.push_back(entry_of(socket_of(i), false));
  poll_entries(entries.data(), entries.size(), timeout);
}

Rows to_rows(const PGresult* result) {
  Rows rows(static_cast<std::size_t>(PQntuples(result)));
  for (int row = 0; row < PQntuples(result); ++row)
    for (int column = 0; column < PQnfields(result); ++column)
      rows[static_cast<std::size_t>(row)].push_back(
          PQgetisnull(result, row, column) ? Value() : Value(std::string(PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column)))));
  return rows;
}

// "duplicate key value violates …: Key (id)=(7) already exists."
std::string message_of(const PGresult* result) {
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  std::string message = primary ? primary : PQresultErrorMessage(result);
  if (detail) message += std::string(": ") + detail;
  return message;
}

}  // namespace

std::vector<SettingSpec> connection_settings() {
  return {
      {.name = "host", .type = SettingType::text, .required = true, .help = "Name or address of the server."},
      {.name = "port", .type = SettingType::integer, .fallback = "5432", .help = "Its port.", .unit = "port"},
      {.name = "database", .type = SettingType::text, .required = true, .help = "The database."},
      {.name = "user", .type = SettingType::text, .required = true, .help = "The role to log in as."},
      {.name = "password", .type = SettingType::text, .help = "Its password, by reference: ${env:PGPASSWORD}.", .secret = true},
      {.name = "sslmode", .type = SettingType::text, .fallback = "prefer", .help = "How far TLS is insisted on.",
       .choices = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
      {.name = "connect_timeout", .type = SettingType::duration, .fallback = "10s", .help = "How long connecting may take."},
      {.name = "statement_timeout", .type = SettingType::duration, .fallback = "60s", .help = "How long one statement may take."},
  };
}

Result<ConnectionOptions> read_connection(const Settings& settings) {
  ConnectionOptions options;
  options.host = settings.text("host");
  PENSTOCK_ASSIGN(options.port, settings.integer("port", options.port));
  options.database = settings.text("database");
  options.user = settings.text("user");
  options.password = settings.text("password");
  options.ssl_mode = settings.text("sslmode", options.ssl_mode);
  PENSTOCK_ASSIGN(const auto connect_timeout, settings.duration("connect_timeout", options.connect_timeout));
  PENSTOCK_ASSIGN(const auto statement_timeout, settings.duration("statement_timeout", options.statement_timeout));
  options.connect_timeout = std::chrono::duration_cast<milliseconds>(connect_timeout);
  options.statement_timeout = std::chrono::duration_cast<milliseconds>(statement_timeout);
  return options;
}

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options) {
  std::unique_ptr<Connection> made(new Connection(options));
  const std::string port = std::to_string(options.port);
  const std::string timeout_s = std::to_string(std::max<std::int64_t>(2, (options.connect_timeout.count() + 999) / 1'000));   // libpq: at least 2
  const std::string session = "-c statement_timeout=" + std::to_string(options.statement_timeout.count()) + " -c TimeZone=UTC -c DateStyle=ISO";
  const std::array<std::pair<const char*, std::string>, 12> wanted = {{{"host", options.host},
                                                                       {"port", port},
                                                                       {"dbname", options.database},
                                                                       {"user", options.user},
                                                                       {"password", options.password},
                                                                       {"sslmode", options.ssl_mode},
                                                                       {"connect_timeout", timeout_s},
                                                                       {"options", session},
                                                                       {"client_encoding", "UTF8"},
                                                                       {"fallback_application_name", "penstock"},
                                                                       {"replication", options.replication ? "database" : "false"},
                                                                       {"tcp_user_timeout", "30000"}}};
  std::array<const char*, wanted.size() + 1> keys{}, values{};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    keys[i] = wanted[i].first;
    values[i] = wanted[i].second.c_str();
  }
  made->connection_ = PQconnectdbParams(keys.data(), values.data(), 0);
  if (made->connection_ && PQstatus(made->connection_) == CONNECTION_OK) {
    PQsetnonblocking(made->connection_, 1);
    PQsetNoticeProcessor(made->connection_, [](void*, const char*) {}, nullptr);
    return made;
  }
  const std::string message = without_secret(made->connection_ ? PQerrorMessage(made->connection_) : "out of memory", options.password);
  if (message.find("authentication failed") != std::string::npos || message.find("no password supplied") != std::string::npos)
    return Error(ErrorKind::unauthenticated, message, "check the user and the password of the connection");
  if (message.find("does not exist") != std::string::npos) return Error(ErrorKind::not_found, message, "check the connection");
  return Error(ErrorKind::unavailable, message);
}

Connection::~Connection() {
  PQfreemem(copied_);
  PQfinish(connection_);
}

bool Connection::failed_on_data() const { return is_data_error(last_state_); }

Connection::Deadline Connection::deadline() const {
  const milliseconds longest = options_.statement_timeout.count() == 0 ? std::chrono::hours(24) : options_.statement_timeout;
  return std::chrono::steady_clock::now() + longest + kGrace;
}

Error Connection::lost() {
  broken_ = true;
  last_state_.clear();
  const std::string message = without_secret(PQerrorMessage(connection_), options_.password);
  return Error(ErrorKind::unavailable, message.empty() ? "the connection was lost" : message);
}

void Connection::ask_server_to_cancel() {
  PGcancel* cancel = PQgetCancel(connection_);
  char ignored[256];
  PQcancel(cancel, ignored, sizeof ignored);
  PQfreeCancel(cancel);
}

Status Connection::wait(bool for_write, Deadline deadline, Cancellation cancellation) {
  bool asked = false;
  while (!poll_socket(PQsocket(connection_), for_write, kLookForCancellation)) {
    if (cancellation.stop_requested() && !asked) {
      asked = true;
      ask_server_to_cancel();
      deadline = std::min(deadline, std::chrono::steady_clock::now() + kGrace);
    }
    if (std::chrono::steady_clock::now() < deadline) continue;
    broken_ = true;
    last_state_.clear();
    if (asked) return Error(ErrorKind::cancelled, "the statement was cancelled");
    return Error(ErrorKind::unavailable, "the server does not answer");
  }
  if (PQconsumeInput(connection_) == 0) return lost();
  return {};
}

Status Connection::flush(Deadline deadline, Cancellation cancellation) {
  for (;;) {
    const int left = PQflush(connection_);
    if (left == 0) return {};
    if (left < 0) return lost();
    PENSTOCK_TRY(wait(true, deadline, cancellation));
  }
}

Result<Rows> Connection::collect(bool into_copy, Cancellation cancellation) {
  Rows rows;
  std::optional<Error> failure;
  const Deadline until = deadline();
  for (;;) {
    while (PQisBusy(connection_)) PENSTOCK_TRY(wait(false, until, cancellation));
    const ResultHandle result(PQgetResult(connection_));
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if ((status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) && into_copy) return rows;
    if (status == PGRES_TUPLES_OK) rows = to_rows(result.get());
    if (status != PGRES_FATAL_ERROR || failure) continue;
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    last_state_ = state ? state : "";
    failure = to_error(last_state_, without_secret(message_of(result.get()), options_.password));
    if (last_state_ == "57014" && cancellation.stop_requested()) failure = Error(ErrorKind::cancelled, "the statement was cancelled");
  }
  if (PQstatus(connection_) != CONNECTION_OK) broken_ = true;
  if (failure) return *failure;
  return rows;
}

Result<Rows> Connection::query(const std::string& sql, const std::vector<Value>& parameters, Cancellation cancellation) {
  last_state_.clear();
  std::vector<const char*> values;
  for (const Value& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  if (PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0) == 0)
    return lost();
  PENSTOCK_TRY(flush(deadline(), cancellation));
  return collect(false, cancellation);
}

Result<Rows> Connection::simple(const std::string& sql, Cancellation cancellation) {
  last_state_.clear();
  if (PQsendQuery(connection_, sql.c_str()) == 0) return lost();
  PENSTOCK_TRY(flush(deadline(), cancellation));
  return collect(false, cancellation);
}

Status Connection::copy_out(const std::string& sql, Cancellation cancellation) {
  last_state_.clear();
  if (PQsendQuery(connection_, sql.c_str()) == 0) return lost();
  PENSTOCK_TRY(flush(deadline(), cancellation));
  PENSTOCK_TRY(collect(true, cancellation));
  return {};
}

Result<Connection::Copied> Connection::take_copied(std::string_view& data) {
  PQfreemem(std::exchange(copied_, nullptr));
  int size = PQgetCopyData(connection_, &copied_, 1);
  if (size == 0) {
    if (PQconsumeInput(connection_) == 0) return lost();
    size = PQgetCopyData(connection_, &copied_, 1);
  }
  if (size > 0) {
    data = {copied_, static_cast<std::size_t>(size)};
    return Copied::data;
  }
  if (size == 0) return Copied::nothing;
  if (size == -2) return lost();
  PENSTOCK_TRY(collect(false, {}));
  return Copied::ended;
}

Status Connection::send_copied(std::string_view data) {
  int sent = 0;
  while ((sent = PQputCopyData(connection_, data.data(), static_cast<int>(data.size()))) == 0) PENSTOCK_TRY(wait(true, deadline(), {}));
  if (sent < 0) return lost();
  return flush(deadline(), {});
}

Status Connection::wait_for_any(const std::vector<Connection*>& connections, std::chrono::milliseconds timeout) {
  poll_sockets(connections.size(), [&](std::size_t i) { return PQsocket(connections[i]->connection_); }, timeout);
  for (Connection* connection : connections)
    if (PQconsumeInput(connection->connection_) == 0) return connection->lost();
  return {};
}

Status Connection::run(const std::string& sql, const std::vector<Value>& parameters, Cancellation cancellation) {
  PENSTOCK_TRY(query(sql, parameters, cancellation));
  return {};
}

Status Connection::copy_in(const std::string& sql, const std::function<std::optional<std::string_view>()>& next, Cancellation cancellation) {
  last_state_.clear();
  if (PQsendQuery(connection_, sql.c_str()) == 0) return lost();
  PENSTOCK_TRY(flush(deadline(), cancellation));
  PENSTOCK_TRY(collect(true, cancellation));
  while (const auto chunk = next()) {
    int sent = 0;
    while ((sent = PQputCopyData(connection_, chunk->data(), static_cast<int>(chunk->size()))) == 0)
      PENSTOCK_TRY(wait(true, deadline(), cancellation));
    if (sent < 0) return lost();
    PENSTOCK_TRY(flush(deadline(), cancellation));
  }
  int ended = 0;
  while ((ended = PQputCopyEnd(connection_, nullptr)) == 0) PENSTOCK_TRY(wait(true, deadline(), cancellation));
  if (ended < 0) return lost();
  PENSTOCK_TRY(flush(deadline(), cancellation));
  PENSTOCK_TRY(collect(false, cancellation));
  return {};
}

}  // namespace penstock::postgres
