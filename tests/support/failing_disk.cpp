// Linked into a test's child program, or preloaded into any: makes the disk fail where the environment says.
//
//   PENSTOCK_DISK_FAILS="<call>:<errno>:<n>:<text>"   the n-th <call> (write, sync or link) on a path that contains
//                                                     <text>, and every one after it, fails with <errno> (ENOSPC, EIO)
//   PENSTOCK_DISK_FULL_WHILE="<file>:<text>"          while <file> exists, every write on such a path fails with ENOSPC
//
// Stands before the C library's functions, so that DuckDB's files fail as ours do.

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Plan {
  std::string call;
  int code = 0;
  int passes_left = 0;
  std::string text;
  std::string full_while, full_text;

  Plan() {
    if (const char* full = std::getenv("PENSTOCK_DISK_FULL_WHILE")) {
      full_while = full;
      const auto colon = full_while.rfind(':');
      if (colon == std::string::npos) std::abort();
      full_text = full_while.substr(colon + 1);
      full_while.resize(colon);
    }
    const char* said = std::getenv("PENSTOCK_DISK_FAILS");
    if (!said) return;
    char call_text[16] = {}, code_text[16] = {}, path_text[128] = {};
    if (std::sscanf(said, "%15[^:]:%15[^:]:%d:%127s", call_text, code_text, &passes_left, path_text) != 4) std::abort();
    call = call_text;
    code = std::strcmp(code_text, "ENOSPC") == 0 ? ENOSPC : EIO;
    text = path_text;
  }
};

const Plan& plan() {
  static const Plan instance;
  return instance;
}

bool is_full(const char* call, const std::string& path) {
  return !plan().full_while.empty() && std::strcmp(call, "write") == 0 && path.find(plan().full_text) != std::string::npos &&
         ::access(plan().full_while.c_str(), F_OK) == 0;
}

bool fails(const char* call, const std::string& path) {
  if (is_full(call, path)) {
    errno = ENOSPC;
    return true;
  }
  static std::atomic<int> passed = 0;
  if (plan().call != call || path.find(plan().text) == std::string::npos || ++passed < plan().passes_left) return false;
  errno = plan().code;
  return true;
}

std::string path_of(int file) {
  if (plan().call.empty() && plan().full_while.empty()) return {};
  char path[4096];
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path, sizeof path);
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* data, size_t size) {
  static const auto next = real<ssize_t(int, const void*, size_t)>("write");
  return fails("write", path_of(file)) ? -1 : next(file, data, size);
}

ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
  static const auto next = real<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return fails("write", path_of(file)) ? -1 : next(file, data, size, at);
}

ssize_t pwrite64(int file, const void* data, size_t size, off64_t at) {
  static const auto next = real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return fails("write", path_of(file)) ? -1 : next(file, data, size, at);
}

int fsync(int file) {
  static const auto next = real<int(int)>("fsync");
  return fails("sync", path_of(file)) ? -1 : next(file);
}

int link(const char* from, const char* to) noexcept {
  static const auto next = real<int(const char*, const char*)>("link");
  return fails("link", to) ? -1 : next(from, to);
}

}  // extern "C"
