#pragma once

#include <functional>
#include <mutex>
#include <QObject>
#include <vector>

namespace penstock::ui {

// The one door from gRPC's threads to the UI thread: work waits in a list, and at most one event is pending however
// much there is. Runs it in slices of a few milliseconds, so that a flood of answers cannot freeze the windows.
class UiQueue : public QObject {
 public:
  explicit UiQueue(QObject* parent = nullptr) : QObject(parent) {}

  // From any thread. Dropped after close().
  void post(std::function<void()> work);
  // UI thread. What waits is dropped, and nothing runs any more.
  void close();

 protected:
  bool event(QEvent* event) override;

 private:
  void runSlice();

  std::mutex mutex_;
  std::vector<std::function<void()>> waiting_;  // protected by mutex_
  bool pending_ = false;                        // protected by mutex_
  bool closed_ = false;                         // protected by mutex_
};

}  // namespace penstock::ui
