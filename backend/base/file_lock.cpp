#include "base/file_lock.h"

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <system_error>

#ifdef _WIN32
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#endif

namespace penstock {
namespace {

Error held_by_another(const std::string& path) { return Error(ErrorKind::unavailable, "another process, or another part of this one, uses " + path, "wait until it has ended"); }

}  // namespace

#ifdef _WIN32

Result<std::unique_ptr<FileLock>> FileLock::take(const std::string& path) {
  const HANDLE file = CreateFileW(std::filesystem::path(path).c_str(), GENERIC_WRITE, 0, nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file != INVALID_HANDLE_VALUE) return std::unique_ptr<FileLock>(new FileLock(file));
  const auto code = static_cast<int>(GetLastError());
  if (code == ERROR_SHARING_VIOLATION) return held_by_another(path);
  return Error(ErrorKind::io, "cannot lock " + path + ": " + std::system_category().message(code));
}

FileLock::~FileLock() { CloseHandle(handle_); }

#else

Result<std::unique_ptr<FileLock>> FileLock::take(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0 && ::flock(file, LOCK_EX | LOCK_NB) == 0) return std::unique_ptr<FileLock>(new FileLock(reinterpret_cast<void*>(static_cast<std::intptr_t>(file))));
  const int code = errno;
  if (file >= 0) ::close(file);
  if (code == EWOULDBLOCK) return held_by_another(path);
  return Error(ErrorKind::io, "cannot lock " + path + ": " + std::generic_category().message(code));
}

FileLock::~FileLock() { ::close(static_cast<int>(reinterpret_cast<std::intptr_t>(handle_))); }

#endif

}  // namespace penstock
