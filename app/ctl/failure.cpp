#include "ctl/failure.h"

#include <algorithm>

namespace penstock::ctl {

Exit exit_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid_argument:
    case ErrorKind::unsupported: return Exit::called_wrongly;
    case ErrorKind::unavailable: return Exit::not_reachable;
    case ErrorKind::permission_denied:
    case ErrorKind::unauthenticated: return Exit::not_allowed;
    default: return Exit::failed;
  }
}

std::string error_line(const Error& error) {
  std::string line = "penstockctl: " + error.message;
  if (!error.where.empty() && error.message.find(error.where) == std::string::npos) line += " (" + error.where + ")";
  if (!error.action.empty()) line += ": " + error.action;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

Json error_json(const Error& error) {
  return {{"kind", name_of(error.kind)}, {"message", error.message}, {"action", error.action}, {"where", error.where}};
}

}  // namespace penstock::ctl
