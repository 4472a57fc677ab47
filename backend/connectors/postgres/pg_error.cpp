#include "connectors/postgres/pg_error.h"

#include <algorithm>

namespace penstock::postgres {
namespace {

struct Meaning {
  const char* prefix;      // of the SQLSTATE; the first that matches counts
  ErrorKind kind;
  const char* action;
};

constexpr Meaning kMeanings[] = {
    {"08", ErrorKind::unavailable, ""},
    {"28", ErrorKind::unauthenticated, "check the user and the password of the connection"},
    {"3D000", ErrorKind::not_found, "check the database of the connection"},
    {"40", ErrorKind::unavailable, ""},                             // serialization failure, deadlock: try again
    {"42501", ErrorKind::permission_denied, "grant the connection's user what it lacks"},
    {"53100", ErrorKind::resource_exhausted, "free space on the database's disk"},
    {"53", ErrorKind::unavailable, ""},
    {"55P03", ErrorKind::unavailable, "look for a session that holds a lock on the table"},
    {"57014", ErrorKind::unavailable, "raise the connection's statement_timeout, or look for what holds a lock"},
    {"57P", ErrorKind::unavailable, ""},                            // shutting down, crashed, starting up
    {"58", ErrorKind::io, "look at the database's log"},
    {"XX001", ErrorKind::data_loss, "look at the database's log"},
    {"XX", ErrorKind::internal, "look at the database's log"},
};

}  // namespace

Error to_error(const std::string& state, const std::string& message) {
  if (state.empty()) return Error(ErrorKind::unavailable, message.empty() ? "the connection was lost" : message);
  for (const Meaning& meaning : kMeanings)
    if (state.starts_with(meaning.prefix)) return Error(meaning.kind, message, meaning.action);
  return Error(ErrorKind::failed_precondition, message);
}

bool is_data_error(const std::string& state) { return state.starts_with("22") || state.starts_with("23"); }

std::string without_secret(std::string text, const std::string& secret) {
  if (!secret.empty())
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) text.replace(at, secret.size(), "***");
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

}  // namespace penstock::postgres
