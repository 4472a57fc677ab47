#include "ops/local_pod_host.h"

#include <filesystem>

#include "base/ids.h"
#include "base/log.h"
#include "ops/pod_address.h"
#include "ops/pod_identity.h"
#include "ops/pod_log.h"
#include "ops/process.h"

namespace penstock {
namespace {

constexpr std::int64_t kLogBytes = 8 << 20;
constexpr std::string_view kUnix = "unix:";

#ifdef _WIN32
constexpr bool kHasUnixSockets = false;
#else
constexpr bool kHasUnixSockets = true;
#endif

ProcessId id_of(const PodProcess& process) { return {process.process_id, process.process_start}; }

void remove_socket(const std::string& address) {
  std::error_code ignored;
  if (address.starts_with(kUnix)) std::filesystem::remove(address.substr(kUnix.size()), ignored);
}

bool is_pod_name(const std::string& name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
}

Error no_such_pod(const std::string& name) { return Error(ErrorKind::not_found, "no pod " + name + " runs"); }

}  // namespace

LocalPodHost::LocalPodHost(Options options) : options_(std::move(options)) {}
LocalPodHost::~LocalPodHost() = default;

std::string LocalPodHost::folder_of(const std::string& name) const { return options_.state_root + "/pods/" + name; }

Result<PodProcess> LocalPodHost::start(const PodSpec& spec) {
  if (!is_pod_name(spec.name)) return Error(ErrorKind::invalid_argument, "'" + spec.name + "' cannot be a pod's name");
  const std::lock_guard lock(mutex_);
  if (children_.contains(spec.name)) return Error(ErrorKind::already_exists, "pod " + spec.name + " runs already");
  const std::string folder = folder_of(spec.name);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error(ErrorKind::io, "the pod's folder cannot be made: " + failed.message(), {}, folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);

  PodProcess process;
  process.name = spec.name;
  process.log_file = folder + "/pod.log";
  SpawnRequest request;
  if (kHasUnixSockets) {
    PENSTOCK_ASSIGN(const std::string socket, pod_socket_path(folder));
    process.address = std::string(kUnix) + socket;
    remove_socket(process.address);
  } else {
    PENSTOCK_ASSIGN(process.address, free_loopback_address());
    process.token = random_id();
    request.environment.emplace_back("PENSTOCK_POD_TOKEN", process.token);
  }
  rotate_log(process.log_file, kLogBytes);
  request.program = options_.program;
  request.arguments = options_.arguments;
  request.output = process.log_file;
  for (const std::string& argument : {std::string("--pod"), spec.name, std::string("--listen"), process.address, std::string("--memory"),
                                      std::to_string(spec.memory_bytes), std::string("--state-root"), options_.state_root})
    request.arguments.push_back(argument);
  PENSTOCK_ASSIGN(const ProcessId id, spawn(request));
  process.process_id = id.id;
  process.process_start = id.start;
  process.started_at = to_micros(options_.clock->now());
  // A pod that the next engine could not find must not run.
  if (auto written = write_identity(folder, process); !written.ok()) {
    (void)kill_group(id);
    return std::move(written).error();
  }
  children_[spec.name] = {process, true};
  return process;
}

Status LocalPodHost::terminate(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = children_.find(name);
  if (found == children_.end()) return no_such_pod(name);
  return ask_to_end(id_of(found->second.process));
}

Status LocalPodHost::kill(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = children_.find(name);
  if (found == children_.end()) return no_such_pod(name);
  return kill_group(id_of(found->second.process));
}

std::vector<PodProcess> LocalPodHost::list() {
  const std::lock_guard lock(mutex_);
  collect_exits();
  std::vector<PodProcess> running;
  for (const auto& [name, child] : children_) running.push_back(child.process);
  return running;
}

Result<std::vector<PodProcess>> LocalPodHost::adopt() {
  const std::lock_guard lock(mutex_);
  std::vector<PodProcess> adopted;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(options_.state_root + "/pods", failed)) {
    const std::string name = entry.path().filename().string(), folder = entry.path().string();
    if (!entry.is_directory() || children_.contains(name)) continue;
    auto process = read_identity(folder);
    if (!process || process->name != name) {
      remove_identity(folder);
    } else if (!is_running(id_of(*process))) {
      remove_socket(process->address);
      remove_identity(folder);
    } else {
      process->log_file = folder + "/pod.log";
      children_[name] = {*process, false};
      adopted.push_back(*process);
      log_info("pod {} (process {}) goes on under this engine", name, process->process_id);
    }
  }
  return adopted;
}

void LocalPodHost::forget(const std::string& name) {
  remove_socket(children_.at(name).process.address);
  remove_identity(folder_of(name));
  children_.erase(name);
}

void LocalPodHost::collect_exits() {
  std::vector<std::string> ended;
  for (const auto& [name, child] : children_) {
    const ProcessId id = id_of(child.process);
    std::optional<ExitStatus> status;
    if (child.is_ours) status = reap(id);
    else if (!is_running(id)) status = ExitStatus{false, "gone"};
    if (!status) {
      rotate_log(child.process.log_file, kLogBytes);
      continue;
    }
    exits_.push_back({name, id.id, status->reason, status->clean});
    ended.push_back(name);
  }
  for (const std::string& name : ended) forget(name);
}

std::vector<PodExit> LocalPodHost::exits() {
  const std::lock_guard lock(mutex_);
  collect_exits();
  return std::exchange(exits_, {});
}

Result<std::vector<std::string>> LocalPodHost::logs(const std::string& name, std::int32_t lines) {
  if (!is_pod_name(name)) return no_such_pod(name);
  return last_lines(folder_of(name) + "/pod.log", lines);
}

Result<PodUsage> LocalPodHost::usage(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = children_.find(name);
  if (found == children_.end()) return no_such_pod(name);
  PENSTOCK_ASSIGN(const ProcessUse use, use_of(id_of(found->second.process)));
  return PodUsage{use.cpu_seconds, use.memory_bytes};
}

}  // namespace penstock
