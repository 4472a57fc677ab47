#include "base/result.h"

namespace penstock {

const char* name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument: return "invalid_argument";
    case ErrorKind::not_found: return "not_found";
    case ErrorKind::already_exists: return "already_exists";
    case ErrorKind::failed_precondition: return "failed_precondition";
    case ErrorKind::permission_denied: return "permission_denied";
    case ErrorKind::unauthenticated: return "unauthenticated";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::deadline_exceeded: return "deadline_exceeded";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::resource_exhausted: return "resource_exhausted";
    case ErrorKind::data_loss: return "data_loss";
    case ErrorKind::io: return "io";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::internal: return "internal";
  }
  return "internal";
}

std::string Error::to_string() const {
  std::string text;
  if (!where.empty()) text += where + ": ";
  text += message;
  if (!action.empty()) text += " (" + action + ")";
  return text;
}

Error Error::within(std::string_view context) const {
  Error wrapped = *this;
  wrapped.message = std::string(context) + ": " + message;
  return wrapped;
}

}  // namespace penstock
