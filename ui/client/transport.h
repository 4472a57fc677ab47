#pragma once

// Private to this folder: the gRPC side of one engine. Every running call is registered here, so that shut-down is
// "cancel all, every call done, then the channel goes".

#include <condition_variable>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "client/answer.h"
#include "client/ui_queue.h"

namespace penstock::ui {

// One call between its start and gRPC's last word about it. Kept alive by the Transport.
class Operation {
 public:
  virtual ~Operation() = default;

  // UI thread: no reply after this.
  void cancel() {
    muted_ = true;
    stop();
  }
  bool isMuted() const { return muted_; }
  // Any thread: asks gRPC to end the call.
  virtual void stop() { context.TryCancel(); }

  grpc::ClientContext context;

 private:
  bool muted_ = false;          // UI thread only
};

class Transport {
 public:
  Transport(std::shared_ptr<grpc::Channel> channel, std::string token, UiQueue& queue);
  ~Transport();                 // shutDown()

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  UiQueue& queue() { return queue_; }

  // Registers the call and prepares its context (token, deadline; zero: none). False after shutDown(): do not start it.
  bool begin(const std::shared_ptr<Operation>& operation, std::chrono::milliseconds deadline);
  // gRPC thread, last: the operation may be destroyed in here, and with it its share of the channel. The last share must
  // not end on a gRPC thread, which would then wait for itself: so shutDown() waits for that too.
  void end(Operation* operation);
  // No call begins any more, and all that run are asked to end.
  void cancelAll();
  // cancelAll(), then waits until gRPC has let go of every call.
  void shutDown();

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  const std::string token_;
  UiQueue& queue_;
  std::mutex mutex_;
  std::condition_variable allEnded_;
  std::unordered_map<Operation*, std::shared_ptr<Operation>> running_;  // protected by mutex_
  int ending_ = 0;                                                      // protected by mutex_; taken out, not yet destroyed
  bool closed_ = false;                                                 // protected by mutex_
};

// What a failed call says: the ErrorDetail of its trailer, or gRPC's own words.
CallError errorOf(const grpc::Status& status, const grpc::ClientContext& context);

}  // namespace penstock::ui
