#include "serving/who.h"

#include <cstdlib>
#ifdef _WIN32
#include <winsock2.h>
#else
#include <pwd.h>
#include <unistd.h>
#endif

namespace penstock {
namespace {

std::string user() {
#ifdef _WIN32
  const char* name = std::getenv("USERNAME");
  return name ? name : "user";
#else
  if (const passwd* entry = getpwuid(getuid())) return entry->pw_name;
  return std::to_string(getuid());
#endif
}

std::string host() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

std::string who_am_i() { return user() + "@" + host(); }

}  // namespace penstock
