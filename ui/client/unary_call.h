#pragma once

// Private to this folder: one request, one answer, through gRPC's callback API.

#include <grpcpp/support/status.h>
#include <memory>
#include <QPointer>

#include "client/call.h"
#include "client/transport.h"

namespace penstock::ui {

inline constexpr std::chrono::milliseconds usualDeadline{10'000};
inline constexpr std::chrono::milliseconds commandDeadline{60'000};   // pausing or draining a pipeline takes time

template <typename Service, typename Request, typename Response>
class UnaryOperation : public Operation {
 public:
  explicit UnaryOperation(const std::shared_ptr<grpc::Channel>& channel) : stub(channel) {}
  typename Service::Stub stub;
  Request request;
  Response response;
};

template <typename Service, typename Request, typename Response>
using UnaryMethod = void (Service::Stub::async::*)(grpc::ClientContext*, const Request*, Response*,
                                                   std::function<void(grpc::Status)>);

// `convert` runs on a gRPC thread, `reply` on the UI thread while `receiver` lives.
template <typename Service, typename Request, typename Response, typename T>
Call startUnary(Transport& transport, UnaryMethod<Service, Request, Response> method, Request request,
                std::chrono::milliseconds deadline, T (*convert)(const Response&), QObject* receiver, Reply<T> reply) {
  using This = UnaryOperation<Service, Request, Response>;
  auto operation = std::make_shared<This>(transport.channel());
  operation->request = std::move(request);
  if (!transport.begin(operation, deadline)) return {};
  const Call call(std::weak_ptr<Operation>{operation});
  This* raw = operation.get();
  QPointer<QObject> guard(receiver);
  auto ended = [&transport, operation, convert, guard, reply = std::move(reply)](const grpc::Status& status) mutable {
    Answer<T> answer = status.ok() ? Answer<T>(convert(operation->response))
                                   : Answer<T>(errorOf(status, operation->context));
    Operation* const key = operation.get();
    transport.queue().post([operation = std::move(operation), guard, reply = std::move(reply), answer = std::move(answer)] {
      if (guard && !operation->isMuted()) reply(answer);
    });
    transport.end(key);
  };
  (raw->stub.async()->*method)(&raw->context, &raw->request, &raw->response, std::move(ended));
  return call;
}

}  // namespace penstock::ui
