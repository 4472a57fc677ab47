#pragma once

// Where a request to a registry goes, and where a redirect sends it (RFC 3986, sections 3 and 5.2; RFC 9110, 10.2.2). Thread-safe.

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

struct RegistryPlace {
  std::string origin;        // "https://host:8081", in small letters, always with a port
  std::string path;          // "/apis/ccompat/v7", with its query; no fragment. May be empty
};

// Error: invalid_argument for what is no address with http:// or https://, or one that names a user.
Result<RegistryPlace> registry_place(std::string_view url);

// Where `location`, of an answer to a request for `asked`, sends us. Error: unavailable for what is no address, or leads from
// https to http.
Result<RegistryPlace> redirected(const RegistryPlace& asked, std::string_view location);

}  // namespace penstock
