#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace penstock::rpc {

// Threads that carry out calls, so that one that waits never blocks another: a task always finds a thread at once,
// idle or new, up to `limit`. Thread-safe. The destructor waits for the tasks that run.
class Workers {
 public:
  explicit Workers(std::size_t limit = 256) : limit_(limit) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False when `limit` tasks run already; the task is then not run.
  bool run(std::function<void()> task);

 private:
  void serve();

  const std::size_t limit_;

  // Protected by mutex_.
  std::mutex mutex_;
  std::condition_variable has_tasks_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool closed_ = false;
};

}  // namespace penstock::rpc
