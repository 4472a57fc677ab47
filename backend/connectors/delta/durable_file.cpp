#include "connectors/delta/durable_file.h"

#include <cstdio>
#include <filesystem>
#include <system_error>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#include <windows.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace penstock::delta {
namespace {

namespace fs = std::filesystem;

#ifdef _WIN32
int open_new(const std::string& path) { return _wopen(fs::path(path).c_str(), _O_WRONLY | _O_CREAT | _O_TRUNC | _O_BINARY, _S_IREAD | _S_IWRITE); }
int sync_file(int file) { return _commit(file); }
int close_file(int file) { return _close(file); }
long write_some(int file, const char* data, std::size_t size) { return _write(file, data, static_cast<unsigned>(size)); }
#else
int open_new(const std::string& path) { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644); }
int sync_file(int file) { return ::fsync(file); }
int close_file(int file) { return ::close(file); }
long write_some(int file, const char* data, std::size_t size) { return ::write(file, data, size); }
#endif

constexpr std::size_t kWriteBytes = 1 << 20;

int write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const long written = write_some(file, content.data(), std::min(content.size(), kWriteBytes));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// Gives `temporary` the name `path` unless that name is taken.
Result<Exclusive> publish_exclusively(const std::string& temporary, const std::string& path) {
#ifdef _WIN32
  if (MoveFileExW(fs::path(temporary).c_str(), fs::path(path).c_str(), MOVEFILE_WRITE_THROUGH)) return Exclusive::written;
  const DWORD code = GetLastError();
  if (code == ERROR_ALREADY_EXISTS || code == ERROR_FILE_EXISTS) return Exclusive::taken;
  return Error(ErrorKind::io, std::system_category().message(static_cast<int>(code)), "", path);
#else
  // A hard link fails where the name exists; a rename would replace it.
  if (::link(temporary.c_str(), path.c_str()) == 0) return Exclusive::written;
  if (errno == EEXIST) return Exclusive::taken;
  return file_error("cannot publish", path, errno);
#endif
}

}  // namespace

Error file_error(const std::string& what, const std::string& path, int code) {
  const std::string message = what + ": " + std::generic_category().message(code);
  switch (code) {
    case ENOSPC:
#ifdef EDQUOT
    case EDQUOT:
#endif
    case EFBIG: return Error(ErrorKind::resource_exhausted, message, "free space on this disk; nothing was lost", path);
    case EACCES:
    case EPERM:
    case EROFS: return Error(ErrorKind::permission_denied, message, "allow Penstock to write there", path);
    case ENOENT: return Error(ErrorKind::not_found, message, "", path);
    default: return Error(ErrorKind::io, message, "look at the disk and its system log", path);
  }
}

void remove_file(const std::string& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

Status write_synced(const std::string& path, std::string_view content) {
  const int file = open_new(path);
  if (file < 0) return file_error("cannot create the file", path, errno);
  int failure = write_all(file, content);
  if (failure == 0 && sync_file(file) != 0) failure = errno;
  if (close_file(file) != 0 && failure == 0) failure = errno;
  if (failure == 0) return {};
  remove_file(path);
  return file_error("cannot write the file", path, failure);
}

Result<Exclusive> write_exclusive(const std::string& path, std::string_view content, const std::string& temporary) {
  PENSTOCK_TRY(write_synced(temporary, content));
  const auto published = publish_exclusively(temporary, path);
  remove_file(temporary);
  if (!published.ok() || *published == Exclusive::taken) return published;
  if (const Status synced = sync_folder(fs::path(path).parent_path().string()); !synced.ok())
    return Error(ErrorKind::unavailable, "the commit is written, but may not survive a power loss: " + synced.error().message,
                 synced.error().action, path);
  return Exclusive::written;
}

Status write_replacing(const std::string& path, std::string_view content, const std::string& temporary) {
  PENSTOCK_TRY(write_synced(temporary, content));
  std::error_code code;
  fs::rename(temporary, path, code);
  if (code) {
    remove_file(temporary);
    return file_error("cannot publish", path, code.value());
  }
  return sync_folder(fs::path(path).parent_path().string());
}

Result<std::string> read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) return file_error("cannot open the file", path, errno);
  std::string content;
  char buffer[1 << 16];
  std::size_t count = 0;
  while ((count = std::fread(buffer, 1, sizeof buffer, file)) > 0) content.append(buffer, count);
  const bool failed = std::ferror(file) != 0;
  const int code = errno;
  std::fclose(file);
  if (failed) return file_error("cannot read the file", path, code);
  return content;
}

Status sync_folder(const std::string& path) {
#ifdef _WIN32
  (void)path;   // MOVEFILE_WRITE_THROUGH has done it: Windows cannot sync a folder
#else
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return file_error("cannot open the folder", path, errno);
  const int failure = ::fsync(folder) == 0 ? 0 : errno;
  ::close(folder);
  if (failure != 0) return file_error("cannot sync the folder", path, failure);
#endif
  return {};
}

Status make_folder(const std::string& path) {
  std::error_code code;
  if (fs::is_directory(path, code)) return {};
  const fs::path parent = fs::path(path).parent_path();
  if (!parent.empty() && parent != fs::path(path)) PENSTOCK_TRY(make_folder(parent.string()));
  fs::create_directory(path, code);
  if (code) return file_error("cannot create the folder", path, code.value());
  return parent.empty() ? Status() : sync_folder(parent.string());
}

}  // namespace penstock::delta
