#ifdef _WIN32

#include "engine/workspace_lock.h"

#include <windows.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

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
  std::istringstream lines(std::string(buffer, size));
  EngineHolder holder;
  std::string process_id;
  std::getline(lines, process_id);
  std::getline(lines, holder.address);
  std::getline(lines, holder.token);
  holder.process_id = std::strtoll(process_id.c_str(), nullptr, 10);
  return holder;
}

}  // namespace

Result<std::unique_ptr<WorkspaceLock>> WorkspaceLock::acquire(const std::string& state_root) {
  std::error_code error;
  std::filesystem::create_directories(state_root, error);
  if (error) return Error(ErrorKind::io, "the state folder cannot be created: " + error.message(), {}, state_root);
  const HANDLE file = open_lock(state_root, OPEN_ALWAYS);
  if (file == INVALID_HANDLE_VALUE) return Error(ErrorKind::io, "opening the lock failed", {}, state_root);
  if (!try_lock(file)) {
    const EngineHolder holder = read_holder(file);
    CloseHandle(file);
    return Error(ErrorKind::failed_precondition, "another engine (process " + std::to_string(holder.process_id) + ") holds this workspace",
                 "connect to it, or stop it", holder.address);
  }
  std::unique_ptr<WorkspaceLock> held(new WorkspaceLock(reinterpret_cast<std::intptr_t>(file)));
  PENSTOCK_TRY(held->publish({}, {}));
  return held;
}

Status WorkspaceLock::publish(const std::string& address, const std::string& token) {
  const std::string text = std::to_string(GetCurrentProcessId()) + "\n" + address + "\n" + token + "\n";
  const auto file = reinterpret_cast<HANDLE>(file_);
  DWORD written = 0;
  SetFilePointer(file, 0, nullptr, FILE_BEGIN);
  if (!SetEndOfFile(file) || !WriteFile(file, text.data(), static_cast<DWORD>(text.size()), &written, nullptr) || written != text.size())
    return Error(ErrorKind::io, "writing the lock failed", {}, "engine.lock");
  return {};
}

WorkspaceLock::~WorkspaceLock() { CloseHandle(reinterpret_cast<HANDLE>(file_)); }

std::optional<EngineHolder> holder_of(const std::string& state_root) {
  const HANDLE file = open_lock(state_root, OPEN_EXISTING);
  if (file == INVALID_HANDLE_VALUE) return std::nullopt;
  std::optional<EngineHolder> holder;
  if (!try_lock(file)) holder = read_holder(file);      // one that was free goes with the handle
  CloseHandle(file);
  return holder;
}

}  // namespace penstock

#endif
