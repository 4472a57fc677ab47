#ifndef _WIN32

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "ops/process.h"

extern char** environ;

namespace penstock {
namespace {

// Fields of /proc/<id>/stat (man 5 proc), which count from 1; the program's name, field 2, may hold spaces and parentheses.
constexpr std::size_t kState = 3, kUserTime = 14, kSystemTime = 15, kStart = 22, kResidentPages = 24;

class ProcStat {
 public:
  static std::optional<ProcStat> read(std::int64_t id) {
    std::ifstream file("/proc/" + std::to_string(id) + "/stat");
    std::string line;
    if (!std::getline(file, line)) return std::nullopt;
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    ProcStat stat;
    std::istringstream rest(line.substr(name_end + 1));
    for (std::string field; rest >> field;) stat.fields_.push_back(field);
    if (stat.fields_.size() <= kResidentPages - kState) return std::nullopt;
    return stat;
  }
  char state() const { return fields_[0].front(); }
  std::int64_t number(std::size_t field) const { return std::strtoll(fields_[field - kState].c_str(), nullptr, 10); }

 private:
  std::vector<std::string> fields_;     // from kState on
};

Error gone(const ProcessId& process) {
  return Error(ErrorKind::not_found, "process " + std::to_string(process.id) + " does not run any more");
}

Error failed(const std::string& doing, int code) { return Error(ErrorKind::io, doing + ": " + std::strerror(code)); }

std::vector<std::string> environment_of(const SpawnRequest& request) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const auto name = text.substr(0, text.find('='));
    bool is_replaced = false;
    for (const auto& [key, value] : request.environment) is_replaced |= key == name;
    if (!is_replaced) all.emplace_back(text);
  }
  for (const auto& [key, value] : request.environment) all.push_back(key + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// Owns what posix_spawn is told; both destroy functions may be called after a failed set-up.
struct SpawnPlan {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  SpawnPlan() { posix_spawnattr_init(&attributes); posix_spawn_file_actions_init(&files); }
  ~SpawnPlan() { posix_spawnattr_destroy(&attributes); posix_spawn_file_actions_destroy(&files); }
};

}  // namespace

Result<ProcessId> spawn(const SpawnRequest& request) {
  SpawnPlan plan;
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setpgroup(&plan.attributes, 0);
  posix_spawnattr_setsigdefault(&plan.attributes, &all);
  posix_spawnattr_setsigmask(&plan.attributes, &none);
  posix_spawnattr_setflags(&plan.attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_addopen(&plan.files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&plan.files, 1, request.output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&plan.files, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&plan.files, 3);

  std::vector<std::string> arguments = request.arguments;
  arguments.insert(arguments.begin(), request.program);
  std::vector<std::string> environment = environment_of(request);
  pid_t id = 0;
  const int code = posix_spawn(&id, request.program.c_str(), &plan.files, &plan.attributes, pointers(arguments).data(), pointers(environment).data());
  if (code != 0) return failed(request.program + " cannot be started", code);
  // Until it is reaped its id is not used again, even if it has ended already.
  const auto stat = ProcStat::read(id);
  if (!stat) return Error(ErrorKind::io, "/proc does not know the process that was just started");
  return ProcessId{id, stat->number(kStart)};
}

bool is_running(const ProcessId& process) {
  const auto stat = ProcStat::read(process.id);
  return stat && stat->state() != 'Z' && stat->state() != 'X' && stat->number(kStart) == process.start;
}

Status ask_to_end(const ProcessId& process) {
  if (!is_running(process)) return gone(process);
  if (::kill(static_cast<pid_t>(process.id), SIGTERM) != 0) return failed("the signal was not sent", errno);
  // One that is stopped does not see SIGTERM before it goes on.
  ::kill(static_cast<pid_t>(process.id), SIGCONT);
  return {};
}

Status kill_group(const ProcessId& process) {
  if (!is_running(process)) return gone(process);
  if (::kill(-static_cast<pid_t>(process.id), SIGKILL) != 0) return failed("the signal was not sent", errno);
  return {};
}

Result<ProcessUse> use_of(const ProcessId& process) {
  const auto stat = ProcStat::read(process.id);
  if (!stat || stat->number(kStart) != process.start) return gone(process);
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return ProcessUse{static_cast<double>(stat->number(kUserTime) + stat->number(kSystemTime)) / ticks,
                    stat->number(kResidentPages) * static_cast<std::int64_t>(sysconf(_SC_PAGESIZE))};
}

std::optional<ExitStatus> reap(const ProcessId& child) {
  const auto id = static_cast<pid_t>(child.id);
  siginfo_t info{};
  // Look first: as long as the child is not reaped, its group's id is its own and may be ended safely.
  if (waitid(P_PID, static_cast<id_t>(id), &info, WEXITED | WNOHANG | WNOWAIT) != 0) return ExitStatus{false, "gone"};
  if (info.si_pid == 0) return std::nullopt;
  ::kill(-id, SIGKILL);
  int status = 0;
  waitpid(id, &status, 0);
  if (WIFEXITED(status)) return ExitStatus{WEXITSTATUS(status) == 0, "ended with " + std::to_string(WEXITSTATUS(status))};
  const int signal = WTERMSIG(status);
  const char* name = sigabbrev_np(signal);
  return ExitStatus{false, "killed by signal " + std::to_string(signal) + (name ? " (SIG" + std::string(name) + ")" : "")};
}

}  // namespace penstock

#endif
