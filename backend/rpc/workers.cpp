#include "rpc/workers.h"

namespace penstock::rpc {

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    has_tasks_.notify_all();
  }
  for (auto& thread : threads_) thread.join();
}

bool Workers::run(std::function<void()> task) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  if (idle_ > tasks_.size()) {
    tasks_.push_back(std::move(task));
    has_tasks_.notify_one();
    return true;
  }
  if (threads_.size() == limit_) return false;
  tasks_.push_back(std::move(task));
  threads_.emplace_back([this] { serve(); });
  return true;
}

void Workers::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    has_tasks_.wait(lock, [&] { return closed_ || !tasks_.empty(); });
    --idle_;
    if (tasks_.empty()) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;      // what it holds is let go outside the lock
    lock.lock();
  }
}

}  // namespace penstock::rpc
