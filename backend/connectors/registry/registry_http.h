#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace penstock {

struct RegistryAddress {
  std::vector<std::string> urls;            // tried in turn; http:// or https://, with a path where there is one
  std::string username, password;           // basic authentication; empty: none
  std::string ca;                           // file of the certificates to trust; empty: the system's
  std::chrono::milliseconds timeout{5'000};
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// GET of `path` ("/schemas/ids/1") at the first address that answers. Error: unavailable where none does, naming the last;
// invalid_argument for an address that is none. Redirects are followed, but with a username only to the server that was
// asked: another is not told who we are. Thread-safe.
Result<HttpAnswer> registry_get(const RegistryAddress& address, const std::string& path);

// For one part of a path: everything but letters, digits and "-._~" as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace penstock
