#include "connectors/postgres/pg_connection.h"

#include <libpq-fe.h>

#include <array>

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

// True when the socket is ready within `timeout`.
bool poll_socket(int socket, bool for_write, milliseconds timeout) {
#ifdef _WIN32
  WSAPOLLFD entry{static_cast<SOCKET>(socket), static_cast<SHORT>(POLLIN | (for_write ? POLLOUT : 0)), 0};
  return WSAPoll(&entry, 1, static_cast<int>(timeout.count())) != 0;
#else
  pollfd entry{socket, static_cast<short>(POLLIN | (for_write ? POLLOUT : 0)), 0};
  return ::poll(&entry, 1, static_cast<int>(timeout.count())) != 0;
#endif
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
  const std::array<std::pair<const char*, std::string>, 11> wanted = {{{"host", options.host},
                                                                       {"port", port},
                                                                       {"dbname", options.database},
                                                                       {"user", options.user},
                                                                       {"password", options.password},
                                                                       {"sslmode", options.ssl_mode},
                                                                       {"connect_timeout", timeout_s},
                                                                       {"options", session},
                                                                       {"client_encoding", "UTF8"},
                                                                       {"fallback_application_name", "penstock"},
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

Connection::~Connection() { PQfinish(connection_); }

bool Connection::failed_on_data() const { return is_data_error(last_state_); }

Connection::Deadline Connection::deadline() const {
  return std::chrono::steady_clock::now() + options_.statement_timeout + kGrace;
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
    if (status == PGRES_COPY_IN && into_copy) return rows;
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
