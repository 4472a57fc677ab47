#pragma once

#include <memory>

namespace penstock::ui {

class Operation;

// A running call. Copyable; letting go of it does not cancel. For the UI thread only.
class Call {
 public:
  Call() = default;
  explicit Call(std::weak_ptr<Operation> operation);

  // The reply will not come any more; the engine is told to stop the work. Harmless when the call has ended.
  void cancel();
  bool isRunning() const;

 private:
  std::weak_ptr<Operation> operation_;
};

// A call that is cancelled when its owner goes or starts the next one.
class ScopedCall {
 public:
  ScopedCall() = default;
  ScopedCall(const ScopedCall&) = delete;
  ~ScopedCall() { call_.cancel(); }
  ScopedCall& operator=(const ScopedCall&) = delete;
  ScopedCall& operator=(Call call) {
    call_.cancel();
    call_ = call;
    return *this;
  }
  void cancel() { call_.cancel(); }
  bool isRunning() const { return call_.isRunning(); }

 private:
  Call call_;
};

}  // namespace penstock::ui
