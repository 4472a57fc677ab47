#pragma once

// Private to this folder: one request, many answers. Reading stops while the UI thread has not taken what was read,
// so a stream that is faster than the windows is slowed at its source instead of filling memory.

#include <grpcpp/support/client_callback.h>
#include <mutex>
#include <QPointer>
#include <vector>

#include "client/call.h"
#include "client/transport.h"

namespace penstock::ui {

template <typename Service, typename Request, typename Response, typename T>
class StreamOperation final : public Operation, public grpc::ClientReadReactor<Response> {
 public:
  StreamOperation(Transport& transport, T (*convert)(const Response&), QObject* receiver, StreamReply<T> reply)
      : stub(transport.channel()), transport_(transport), convert_(convert), receiver_(receiver), reply_(std::move(reply)) {}

  // Between begin() and this nobody else knows the operation.
  void start(std::weak_ptr<StreamOperation> self) {
    self_ = std::move(self);
    this->AddHold();  // a read may be started from the UI thread, outside of any reaction
    this->StartRead(&response_);
    this->StartCall();
  }

  void stop() override {
    Operation::stop();
    resumeReading();  // a paused stream has nothing outstanding that could notice the end
  }

  typename Service::Stub stub;
  Request request;

 private:
  static constexpr size_t mostWaiting = 4'096;

  void OnReadDone(bool ok) override {
    if (!ok) {
      this->RemoveHold();
      return;
    }
    T item = convert_(response_);
    std::unique_lock lock(mutex_);
    waiting_.push_back(std::move(item));
    const bool wake = std::exchange(pending_, true) == false;
    paused_ = waiting_.size() >= mostWaiting;
    const bool goOn = !paused_;
    lock.unlock();
    if (wake) postDelivery();
    if (goOn) this->StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    std::optional<CallError> error;
    if (!status.ok()) error = errorOf(status, context);
    transport_.queue().post([self = self_.lock(), error] {
      self->deliver();
      if (self->receiver_ && !self->isMuted() && self->reply_.ended) self->reply_.ended(error);
    });
    transport_.end(this);
  }

  void postDelivery() {
    transport_.queue().post([self = self_.lock()] { self->deliver(); });
  }

  void deliver() {
    std::vector<T> items;
    {
      const std::lock_guard lock(mutex_);
      items.swap(waiting_);
      pending_ = false;
    }
    resumeReading();
    if (!items.empty() && receiver_ && !isMuted()) reply_.items(std::move(items));
  }

  void resumeReading() {
    std::unique_lock lock(mutex_);
    const bool resume = std::exchange(paused_, false);
    lock.unlock();
    if (resume) this->StartRead(&response_);
  }

  Transport& transport_;
  T (*const convert_)(const Response&);
  const QPointer<QObject> receiver_;
  const StreamReply<T> reply_;
  std::weak_ptr<StreamOperation> self_;
  Response response_;           // of the read in flight
  std::mutex mutex_;
  std::vector<T> waiting_;      // protected by mutex_
  bool pending_ = false;        // protected by mutex_; a delivery is posted
  bool paused_ = false;         // protected by mutex_; no read in flight
};

template <typename Service, typename Request, typename Response>
using StreamMethod = void (Service::Stub::async::*)(grpc::ClientContext*, const Request*, grpc::ClientReadReactor<Response>*);

template <typename Service, typename Request, typename Response, typename T>
Call startStream(Transport& transport, StreamMethod<Service, Request, Response> method, Request request,
                 T (*convert)(const Response&), QObject* receiver, StreamReply<T> reply) {
  using This = StreamOperation<Service, Request, Response, T>;
  auto operation = std::make_shared<This>(transport, convert, receiver, std::move(reply));
  operation->request = std::move(request);
  if (!transport.begin(operation, {})) return {};
  (operation->stub.async()->*method)(&operation->context, &operation->request, operation.get());
  operation->start(operation);
  return Call(std::weak_ptr<Operation>{operation});
}

}  // namespace penstock::ui
