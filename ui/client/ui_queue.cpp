#include "client/ui_queue.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEvent>

namespace penstock::ui {
namespace {

constexpr int sliceMs = 8;

QEvent::Type wakeEvent() {
  static const auto type = static_cast<QEvent::Type>(QEvent::registerEventType());
  return type;
}

}  // namespace

void UiQueue::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  waiting_.push_back(std::move(work));
  if (pending_) return;
  pending_ = true;
  QCoreApplication::postEvent(this, new QEvent(wakeEvent()));
}

void UiQueue::close() {
  std::vector<std::function<void()>> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(waiting_);
}

bool UiQueue::event(QEvent* event) {
  if (event->type() != wakeEvent()) return QObject::event(event);
  runSlice();
  return true;
}

void UiQueue::runSlice() {
  QElapsedTimer slice;
  slice.start();
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(waiting_);
  }
  size_t done = 0;
  while (done < work.size() && (done == 0 || slice.elapsed() < sliceMs)) work[done++]();

  const std::lock_guard lock(mutex_);
  if (closed_) return;
  waiting_.insert(waiting_.begin(), std::make_move_iterator(work.begin() + static_cast<ptrdiff_t>(done)),
                  std::make_move_iterator(work.end()));
  pending_ = !waiting_.empty();
  if (pending_) QCoreApplication::postEvent(this, new QEvent(wakeEvent()));
}

}  // namespace penstock::ui
