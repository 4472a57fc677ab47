#pragma once

// Private to this folder: the telemetry stream of one engine, from gRPC's threads into a Mailbox.

#include <penstock/v1/telemetry.grpc.pb.h>

#include "client/mailbox.h"
#include "client/transport.h"

namespace penstock::ui {

class Watch final : public Operation, public grpc::ClientReadReactor<v1::TelemetryUpdate> {
 public:
  // Both run on the UI thread, and never after cancel(): mail() when the box has something, ended() once.
  struct Listener {
    std::function<void()> mail;
    std::function<void(const CallError&)> ended;
  };

  Watch(Transport& transport, Listener listener);
  void start(std::weak_ptr<Watch> self, const QString& engineId, quint64 resumeAfter);
  TelemetryChanges take() { return mailbox_.take(); }

 private:
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  Transport& transport_;
  const Listener listener_;
  std::weak_ptr<Watch> self_;
  const std::unique_ptr<v1::TelemetryService::Stub> stub_;
  v1::WatchRequest request_;
  v1::TelemetryUpdate update_;  // of the read in flight
  Mailbox mailbox_;
};

}  // namespace penstock::ui
