#include "engine/workspace_lock.h"

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "engine/lock_text.h"

namespace penstock {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::milliseconds kPause{20};

// Tries until `settled` holds of what it gave, or for as long as patience lasts.
template <typename Try, typename Settled>
auto patiently(Try&& attempt, Settled&& settled) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    auto given = attempt();
    if (settled(given) || std::chrono::steady_clock::now() >= until) return given;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

std::string lock_text(const EngineHolder& holder) { return std::to_string(holder.process_id) + "\n" + holder.address + "\n" + holder.token + "\n"; }

EngineHolder parse_lock_text(const std::string& text) {
  std::istringstream lines(text);
  EngineHolder holder;
  std::string process_id;
  std::getline(lines, process_id);
  std::getline(lines, holder.address);
  std::getline(lines, holder.token);
  holder.process_id = std::strtoll(process_id.c_str(), nullptr, 10);
  return holder;
}

Error held_by_another(const EngineHolder& holder) {
  return {ErrorKind::failed_precondition, "another engine (process " + std::to_string(holder.process_id) + ") holds this workspace",
          "connect to it, or stop it", holder.address};
}

Result<std::unique_ptr<WorkspaceLock>> WorkspaceLock::acquire(const std::string& state_root) {
  return patiently([&] { return try_acquire(state_root); },
                   [](const auto& lock) { return lock.ok() || lock.error().kind != ErrorKind::failed_precondition || !lock.error().where.empty(); });
}

std::optional<EngineHolder> holder_of(const std::string& state_root) {
  return patiently([&] { return holder_now(state_root); }, [](const auto& holder) { return !holder || !holder->address.empty(); });
}

}  // namespace penstock
