#pragma once

// Runs a service's calls: each on a worker thread of its own, admitted by the policy, cancelled with its caller, its
// Error sent as status and trailer. A service method is one line that names its handler:
//
//   grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const ListPodsRequest* request,
//                                  ListPodsResponse* response) override {
//     return calls_.unary(context, request, response, [this](const CallContext& call, const auto& request, auto& response) { … });
//   }

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>

#include "rpc/call_context.h"
#include "rpc/error_status.h"
#include "rpc/workers.h"

namespace penstock::rpc {

// Sends the items of one stream, from the handler's thread.
template <typename Item>
class ItemWriter {
 public:
  virtual ~ItemWriter() = default;
  // Blocks until the item was taken: a slow client slows its own stream. False when the client has gone.
  virtual bool write(const Item& item) = 0;
};

template <typename Request, typename Response>
using UnaryHandler = std::function<Status(const CallContext&, const Request&, Response&)>;
template <typename Request, typename Item>
using StreamHandler = std::function<Status(const CallContext&, const Request&, ItemWriter<Item>&)>;

// Thread-safe; outlives the services that use it, and is destroyed after the server was shut down.
class Calls {
 public:
  explicit Calls(CallPolicy policy) : policy_(std::move(policy)) {}

  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* unary(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                  UnaryHandler<Request, Response> handler);
  template <typename Request, typename Item>
  grpc::ServerWriteReactor<Item>* stream(grpc::CallbackServerContext* context, const Request* request,
                                         StreamHandler<Request, Item> handler);

 private:
  // Runs `work` on a worker and hands its outcome to `finish`; at once with an error when it may not run.
  template <typename Work, typename Finish>
  void carry_out(grpc::CallbackServerContext* context, Cancellation cancellation, Work work, Finish finish);

  const CallPolicy policy_;
  Workers workers_;
};

namespace detail {

inline grpc::Status outcome_of(grpc::CallbackServerContext* context, const Status& status) {
  if (status.ok()) return grpc::Status::OK;
  context->AddTrailingMetadata(kErrorTrailer, error_trailer(status.error()));
  return to_status(status.error());
}

class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  // gRPC cancels a call whose own deadline passes; one that names none is given `default_deadline`.
  UnaryReactor(const grpc::CallbackServerContext& context, std::chrono::milliseconds default_deadline) {
    if (context.deadline() != std::chrono::system_clock::time_point::max()) return;
    alarm_.Set(std::chrono::system_clock::now() + default_deadline, [stop = stop_](bool passed) mutable {
      if (passed) stop.request_stop();
    });
  }
  Cancellation cancellation() const { return stop_.get_token(); }

 private:
  void OnCancel() override { stop_.request_stop(); }
  void OnDone() override { delete this; }

  std::stop_source stop_;
  grpc::Alarm alarm_;
};

template <typename Item>
class StreamReactor final : public grpc::ServerWriteReactor<Item>, public ItemWriter<Item> {
 public:
  Cancellation cancellation() const { return stop_.get_token(); }

  bool write(const Item& item) override {
    std::unique_lock lock(mutex_);
    if (broken_ || stop_.stop_requested()) return false;
    writing_ = true;
    this->StartWrite(&item);
    written_.wait(lock, [&] { return !writing_; });
    return !broken_;
  }

 private:
  void OnWriteDone(bool ok) override {
    std::lock_guard lock(mutex_);
    writing_ = false;
    broken_ |= !ok;
    written_.notify_one();
  }
  void OnCancel() override { stop_.request_stop(); }
  void OnDone() override { delete this; }

  std::stop_source stop_;
  // Protected by mutex_.
  std::mutex mutex_;
  std::condition_variable written_;
  bool writing_ = false;
  bool broken_ = false;
};

}  // namespace detail

template <typename Work, typename Finish>
void Calls::carry_out(grpc::CallbackServerContext* context, Cancellation cancellation, Work work, Finish finish) {
  auto caller = admit(*context, policy_, std::move(cancellation));
  if (!caller.ok()) return finish(caller.error());
  const bool taken = workers_.run([caller = std::move(caller).value(), work = std::move(work), finish] { finish(work(caller)); });
  if (!taken) finish(Error(ErrorKind::resource_exhausted, "this engine answers too many calls already", "try again in a moment"));
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* Calls::unary(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                       UnaryHandler<Request, Response> handler) {
  auto* reactor = new detail::UnaryReactor(*context, policy_.default_deadline);
  carry_out(
      context, reactor->cancellation(),
      [request, response, handler = std::move(handler)](const CallContext& call) { return handler(call, *request, *response); },
      [context, reactor](const Status& status) { reactor->Finish(detail::outcome_of(context, status)); });
  return reactor;
}

template <typename Request, typename Item>
grpc::ServerWriteReactor<Item>* Calls::stream(grpc::CallbackServerContext* context, const Request* request,
                                              StreamHandler<Request, Item> handler) {
  auto* reactor = new detail::StreamReactor<Item>;
  carry_out(
      context, reactor->cancellation(),
      [request, reactor, handler = std::move(handler)](const CallContext& call) { return handler(call, *request, *reactor); },
      [context, reactor](const Status& status) { reactor->Finish(detail::outcome_of(context, status)); });
  return reactor;
}

}  // namespace penstock::rpc
