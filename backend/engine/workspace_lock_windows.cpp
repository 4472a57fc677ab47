#ifdef _WIN32

#include "engine/workspace_lock.h"

#include <windows.h>

#include <filesystem>

#include "engine/lock_text.h"

namespace penstock {
namespace {

// Far behind the text: a lock of Windows keeps others from reading the bytes that it covers.
constexpr DWORD kLockedByte = 1 << 20;

HANDLE open_lock(const std::string& state_root, DWORD disposition) {
  const auto path = std::filesystem::path(state_root) / "engine.lock";
  return CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, disposition, FILE_ATTRIBUTE_NORMAL, nullptr);
}

bool try_lock(HANDLE file) {
  OVERLAPPED range{};
  range.Offset = kLockedByte;
  return LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &range) != 0;
}

EngineHolder read_holder(HANDLE file) {
  char buffer[1024];
  DWORD size = 0;
  SetFilePointer(file, 0, nullptr, FILE_BEGIN);
  ReadFile(file, buffer, sizeof buffer, &size, nullptr);
  return parse_lock_text(std::string(buffer, size));
}

}  // namespace

Result<std::unique_ptr<WorkspaceLock>> WorkspaceLock::try_acquire(const std::string& state_root) {
  std::error_code error;
  std::filesystem::create_directories(state_root, error);
  if (error) return Error(ErrorKind::io, "the state folder cannot be created: " + error.message(), {}, state_root);
  const HANDLE file = open_lock(state_root, OPEN_ALWAYS);
  if (file == INVALID_HANDLE_VALUE) return Error(ErrorKind::io, "opening the lock failed", {}, state_root);
  if (!try_lock(file)) {
    const EngineHolder holder = read_holder(file);
    CloseHandle(file);
    return held_by_another(holder);
  }
  std::unique_ptr<WorkspaceLock> held(new WorkspaceLock(reinterpret_cast<std::intptr_t>(file)));
  PENSTOCK_TRY(held->publish({}, {}));
  return held;
}

Status WorkspaceLock::publish(const std::string& address, const std::string& token) {
  const std::string text = lock_text({address, token, static_cast<std::int64_t>(GetCurrentProcessId())});
  const auto file = reinterpret_cast<HANDLE>(file_);
  DWORD written = 0;
  SetFilePointer(file, 0, nullptr, FILE_BEGIN);
  if (!SetEndOfFile(file) || !WriteFile(file, text.data(), static_cast<DWORD>(text.size()), &written, nullptr) || written != text.size())
    return Error(ErrorKind::io, "writing the lock failed", {}, "engine.lock");
  return {};
}

WorkspaceLock::~WorkspaceLock() { CloseHandle(reinterpret_cast<HANDLE>(file_)); }

std::optional<EngineHolder> holder_now(const std::string& state_root) {
  const HANDLE file = open_lock(state_root, OPEN_EXISTING);
  if (file == INVALID_HANDLE_VALUE) return std::nullopt;
  std::optional<EngineHolder> holder;
  if (!try_lock(file)) holder = read_holder(file);      // one that was free goes with the handle
  CloseHandle(file);
  return holder;
}

}  // namespace penstock

#endif
