#ifdef _WIN32

#include <windows.h>
// After windows.h.
#include <psapi.h>

#include <map>
#include <mutex>

#include "ops/process.h"

namespace penstock {
namespace {

class Handle {
 public:
  explicit Handle(HANDLE handle = nullptr) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept { std::swap(handle_, other.handle_); return *this; }
  ~Handle() { if (handle_ && handle_ != INVALID_HANDLE_VALUE) CloseHandle(handle_); }
  HANDLE get() const { return handle_; }
  explicit operator bool() const { return handle_ && handle_ != INVALID_HANDLE_VALUE; }

 private:
  HANDLE handle_;
};

std::int64_t to_number(const FILETIME& time) { return (static_cast<std::int64_t>(time.dwHighDateTime) << 32) | time.dwLowDateTime; }

Error last_error(const std::string& doing) { return Error(ErrorKind::io, doing + ": Windows error " + std::to_string(GetLastError())); }

// Empty when the process is gone, or another one has its id now.
Handle open(const ProcessId& process, DWORD rights) {
  Handle handle(OpenProcess(rights | PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, static_cast<DWORD>(process.id)));
  FILETIME created{}, ended{}, kernel{}, user{};
  if (!handle || !GetProcessTimes(handle.get(), &created, &ended, &kernel, &user) || to_number(created) != process.start) return Handle();
  return handle;
}

std::wstring wide(const std::string& text) {
  const int size = MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0);
  std::wstring result(static_cast<std::size_t>(size), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(), size);
  return result;
}

// As CommandLineToArgvW reads it back.
std::wstring quoted(const std::string& argument) {
  std::wstring result = L"\"";
  std::size_t backslashes = 0;
  for (const wchar_t c : wide(argument)) {
    if (c == L'\\') { ++backslashes; continue; }
    result.append(c == L'"' ? backslashes * 2 + 1 : backslashes, L'\\');
    backslashes = 0;
    result += c;
  }
  return result.append(backslashes * 2, L'\\') + L"\"";
}

// A job ends with its last handle only when told to; these are never told, so that pods outlive the engine.
std::mutex jobs_mutex;
std::map<std::int64_t, Handle> jobs;

}  // namespace

Result<ProcessId> spawn(const SpawnRequest& request) {
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  Handle output(CreateFileW(wide(request.output).c_str(), FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &inherited,
                            OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!output) return last_error("the log file cannot be opened");
  STARTUPINFOW start{};
  start.cb = sizeof start;
  start.dwFlags = STARTF_USESTDHANDLES;
  start.hStdOutput = start.hStdError = output.get();
  std::wstring line = quoted(request.program);
  for (const std::string& argument : request.arguments) line += L" " + quoted(argument);
  for (const auto& [key, value] : request.environment) SetEnvironmentVariableW(wide(key).c_str(), wide(value).c_str());
  PROCESS_INFORMATION made{};
  const BOOL ok = CreateProcessW(wide(request.program).c_str(), line.data(), nullptr, nullptr, TRUE,
                                 CREATE_NEW_PROCESS_GROUP | CREATE_SUSPENDED | CREATE_NO_WINDOW, nullptr, nullptr, &start, &made);
  for (const auto& [key, value] : request.environment) SetEnvironmentVariableW(wide(key).c_str(), nullptr);
  if (!ok) return last_error(request.program + " cannot be started");
  Handle process(made.hProcess), thread(made.hThread);
  Handle job(CreateJobObjectW(nullptr, nullptr));
  if (!job || !AssignProcessToJobObject(job.get(), process.get())) {
    TerminateProcess(process.get(), 1);
    return last_error("the process has no job");
  }
  FILETIME created{}, ended{}, kernel{}, user{};
  GetProcessTimes(process.get(), &created, &ended, &kernel, &user);
  ResumeThread(thread.get());
  const std::lock_guard lock(jobs_mutex);
  jobs[made.dwProcessId] = std::move(job);
  return ProcessId{made.dwProcessId, to_number(created)};
}

bool is_running(const ProcessId& process) {
  const Handle handle = open(process, 0);
  return handle && WaitForSingleObject(handle.get(), 0) == WAIT_TIMEOUT;
}

Status ask_to_end(const ProcessId& process) {
  if (!is_running(process)) return Error(ErrorKind::not_found, "process " + std::to_string(process.id) + " does not run any more");
  if (!GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, static_cast<DWORD>(process.id))) return last_error("the process was not asked to end");
  return {};
}

Status kill_group(const ProcessId& process) {
  const Handle handle = open(process, PROCESS_TERMINATE);
  if (!handle) return Error(ErrorKind::not_found, "process " + std::to_string(process.id) + " does not run any more");
  const std::lock_guard lock(jobs_mutex);
  const auto job = jobs.find(process.id);
  const BOOL ok = job != jobs.end() ? TerminateJobObject(job->second.get(), 1) : TerminateProcess(handle.get(), 1);
  if (!ok) return last_error("the process was not ended");
  return {};
}

Result<ProcessUse> use_of(const ProcessId& process) {
  const Handle handle = open(process, PROCESS_VM_READ);
  FILETIME created{}, ended{}, kernel{}, user{};
  PROCESS_MEMORY_COUNTERS memory{};
  if (!handle || !GetProcessTimes(handle.get(), &created, &ended, &kernel, &user) || !GetProcessMemoryInfo(handle.get(), &memory, sizeof memory))
    return Error(ErrorKind::not_found, "process " + std::to_string(process.id) + " does not run any more");
  return ProcessUse{static_cast<double>(to_number(kernel) + to_number(user)) / 1e7, static_cast<std::int64_t>(memory.WorkingSetSize)};
}

std::optional<ExitStatus> reap(const ProcessId& child) {
  const Handle handle = open(child, 0);
  if (handle && WaitForSingleObject(handle.get(), 0) == WAIT_TIMEOUT) return std::nullopt;
  DWORD code = 1;
  const bool known = handle && GetExitCodeProcess(handle.get(), &code);
  const std::lock_guard lock(jobs_mutex);
  if (const auto job = jobs.find(child.id); job != jobs.end()) {
    TerminateJobObject(job->second.get(), 1);
    jobs.erase(job);
  }
  return known ? ExitStatus{code == 0, "ended with " + std::to_string(code)} : ExitStatus{false, "gone"};
}

}  // namespace penstock

#endif
