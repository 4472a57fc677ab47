#ifndef _WIN32

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "ops/pod_address.h"

namespace penstock {
namespace {

constexpr std::size_t kLongestSocketPath = 107;     // sizeof(sockaddr_un::sun_path) less its end

// FNV-1a, 64 bits: short, and the same in every run.
std::string digest_of(const std::string& text) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

std::string short_folder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime && *runtime && std::strlen(runtime) < 60) return std::string(runtime) + "/penstock";
  return "/tmp/penstock-" + std::to_string(getuid());
}

}  // namespace

Result<std::string> pod_socket_path(const std::string& folder) {
  const std::string path = folder + "/pod.sock";
  if (path.size() <= kLongestSocketPath) return path;
  const std::string aside = short_folder();
  if (mkdir(aside.c_str(), 0700) != 0 && errno != EEXIST)
    return Error(ErrorKind::io, "the folder for pods' sockets cannot be made: " + std::string(std::strerror(errno)), {}, aside);
  // Anybody may have made it in /tmp before us, also as a link to elsewhere.
  struct stat found{};
  if (lstat(aside.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != getuid() || (found.st_mode & 077) != 0)
    return Error(ErrorKind::permission_denied, "the folder for pods' sockets is not ours alone", "remove it, or set XDG_RUNTIME_DIR", aside);
  return aside + "/" + digest_of(folder) + ".sock";
}

Result<std::string> free_loopback_address() { return Error(ErrorKind::unsupported, "pods of this system listen on sockets"); }

}  // namespace penstock

#endif
