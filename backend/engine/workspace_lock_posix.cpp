#ifndef _WIN32

#include "engine/workspace_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/lock_text.h"

namespace penstock {
namespace {

std::string lock_file(const std::string& state_root) { return state_root + "/engine.lock"; }

// An open file description's lock, not the process's: closing another descriptor of the file does not let it go.
bool lock(int file, short type, int command, struct flock& range) {
  range = {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  return fcntl(file, command, &range) == 0;
}

EngineHolder read_holder(int file) {
  char buffer[1024];
  const ssize_t size = pread(file, buffer, sizeof buffer, 0);
  return parse_lock_text(std::string(buffer, size > 0 ? static_cast<std::size_t>(size) : 0));
}

Error io_error(const std::string& doing, const std::string& path) {
  return {ErrorKind::io, doing + " failed: " + std::strerror(errno), {}, path};
}

}  // namespace

Result<std::unique_ptr<WorkspaceLock>> WorkspaceLock::try_acquire(const std::string& state_root) {
  std::error_code error;
  std::filesystem::create_directories(state_root, error);
  if (error) return Error(ErrorKind::io, "the state folder cannot be created: " + error.message(), {}, state_root);
  const std::string path = lock_file(state_root);
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return io_error("opening the lock", path);
  struct flock range;
  if (!lock(file, F_WRLCK, F_OFD_SETLK, range)) {
    const bool held = errno == EAGAIN || errno == EACCES;
    const EngineHolder holder = read_holder(file);
    const Error failed = io_error("taking the lock", path);
    close(file);
    if (!held) return failed;
    return held_by_another(holder);
  }
  std::unique_ptr<WorkspaceLock> held(new WorkspaceLock(file));
  PENSTOCK_TRY(held->publish({}, {}));
  return held;
}

Status WorkspaceLock::publish(const std::string& address, const std::string& token) {
  const std::string text = lock_text({address, token, getpid()});
  if (ftruncate(static_cast<int>(file_), 0) != 0 || pwrite(static_cast<int>(file_), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return io_error("writing the lock", "engine.lock");
  return {};
}

WorkspaceLock::~WorkspaceLock() { close(static_cast<int>(file_)); }

std::optional<EngineHolder> holder_now(const std::string& state_root) {
  const int file = open(lock_file(state_root).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  struct flock range;
  std::optional<EngineHolder> holder;
  if (lock(file, F_RDLCK, F_OFD_GETLK, range) && range.l_type != F_UNLCK) holder = read_holder(file);
  close(file);
  return holder;
}

}  // namespace penstock

#endif
