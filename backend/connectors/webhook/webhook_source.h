#pragma once

#include <memory>
#include <string>

#include "connectors/webhook/webhook_inbox.h"
#include "connectors/webhook/webhook_listener.h"
#include "io/source.h"

namespace penstock {

struct WebhookSourceOptions {
  webhook::Address address;
  std::string path;                          // "/sales"
  webhook::Credentials credentials;
  webhook::InboxOptions inbox;
};

// Rows that are sent here over HTTP; one partition, an offset a record. A request is answered 200 when its records are durable
// in the stream's state; it listens from assign() on.
class WebhookSource final : public Source {
 public:
  WebhookSource(WebhookSourceOptions options, std::shared_ptr<webhook::Listeners> listeners, const Clock& clock)
      : options_(std::move(options)), listeners_(std::move(listeners)), clock_(clock) {}
  ~WebhookSource() override;

  std::string name() const override { return options_.path; }
  bool observable() const override { return false; }
  Result<std::vector<PartitionRange>> partitions() override;
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override;
  void committed(const Positions& positions) override;

 private:
  Status open();

  // Constant after construction.
  const WebhookSourceOptions options_;
  const std::shared_ptr<webhook::Listeners> listeners_;
  const Clock& clock_;

  std::shared_ptr<webhook::Inbox> inbox_;
  std::unique_ptr<webhook::Route> route_;
  std::int64_t next_ = 0;
};

}  // namespace penstock
