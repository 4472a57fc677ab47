#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace penstock {

// Which engine holds a workspace, and how to reach it.
struct EngineHolder {
  std::string address;            // "127.0.0.1:40123"; empty while it does not listen
  std::string token;
  std::int64_t process_id = 0;
};

// One engine at a time works on a state root: it holds `engine.lock` there, an advisory lock of the operating system on a
// file (mode 0600) that says how to reach it. The lock goes with the process, however it ends; pods do not inherit it.
class WorkspaceLock {
 public:
  // Creates the folder. A holder that does not listen passes soon (a command at work on a workspace without an engine, an
  // engine that starts or ends): waits up to 5 s for it. failed_precondition with the holder's address in `where`: another
  // engine holds it.
  static Result<std::unique_ptr<WorkspaceLock>> acquire(const std::string& state_root);
  ~WorkspaceLock();
  WorkspaceLock(const WorkspaceLock&) = delete;
  WorkspaceLock& operator=(const WorkspaceLock&) = delete;

  Status publish(const std::string& address, const std::string& token);

 private:
  explicit WorkspaceLock(std::intptr_t file) : file_(file) {}
  static Result<std::unique_ptr<WorkspaceLock>> try_acquire(const std::string& state_root);
  const std::intptr_t file_;      // descriptor, or Windows' handle
};

// The engine that holds this state root; empty when none does. Waits like acquire() for one that does not listen.
std::optional<EngineHolder> holder_of(const std::string& state_root);

}  // namespace penstock
