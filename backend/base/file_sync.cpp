#include "base/file_sync.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#ifdef _WIN32
#include <windows.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace penstock {

#ifdef _WIN32

Status sync_file(const std::string& path) {
  const HANDLE file = CreateFileW(std::filesystem::path(path).c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr,
                                  OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  const bool synced = file != INVALID_HANDLE_VALUE && FlushFileBuffers(file);
  const auto code = static_cast<int>(GetLastError());
  if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
  if (synced) return {};
  return Error(ErrorKind::io, "cannot sync " + path + ": " + std::system_category().message(code));
}

// NTFS journals its folders itself.
Status sync_folder_of(const std::string&) { return {}; }

#else

namespace {

Status sync_path(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int code = errno;
  if (file >= 0) ::close(file);
  if (synced) return {};
  const auto kind = code == ENOSPC || code == EDQUOT ? ErrorKind::resource_exhausted : ErrorKind::io;
  return Error(kind, "cannot sync " + path + ": " + std::generic_category().message(code));
}

}  // namespace

Status sync_file(const std::string& path) { return sync_path(path, O_RDONLY); }
Status sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return sync_path(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

#endif

}  // namespace penstock
