#include "connectors/webhook/webhook_source.h"

namespace penstock {

WebhookSource::~WebhookSource() {
  if (inbox_) inbox_->close();
}

Status WebhookSource::open() {
  if (inbox_) return {};
  PENSTOCK_ASSIGN(inbox_, webhook::Inbox::open(options_.inbox, clock_));
  return {};
}

Result<std::vector<PartitionRange>> WebhookSource::partitions() {
  PENSTOCK_TRY(open());
  return std::vector<PartitionRange>{{.partition = 0, .earliest = inbox_->begin(), .head = inbox_->end()}};
}

Status WebhookSource::assign(const std::vector<Assignment>& assignments) {
  PENSTOCK_TRY(open());
  route_.reset();
  if (assignments.empty()) return {};
  next_ = assignments.front().from.value_or(inbox_->begin());
  PENSTOCK_TRY(inbox_->go_on_from(next_));
  PENSTOCK_ASSIGN(route_, listeners_->listen(options_.address, options_.path, options_.credentials, options_.inbox.body_bytes, inbox_));
  return {};
}

Result<PollOutcome> WebhookSource::poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) {
  if (!route_ || cancellation.stop_requested()) return PollOutcome::idle;
  const std::int64_t before = out.rows();
  PENSTOCK_TRY(inbox_->read(next_, limits.rows - before, limits.bytes, limits.wait, out));
  if (out.rows() == before) return PollOutcome::idle;
  next_ = out[out.rows() - 1].position.offset + 1;
  return PollOutcome::rows;
}

void WebhookSource::committed(const Positions& positions) {
  const auto found = positions.find(0);
  if (inbox_ && found != positions.end()) inbox_->committed(found->second);
}

}  // namespace penstock
