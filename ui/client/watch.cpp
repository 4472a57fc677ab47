#include "client/watch.h"

#include "client/convert.h"

namespace penstock::ui {

Watch::Watch(Transport& transport, Listener listener)
    : transport_(transport), listener_(std::move(listener)), stub_(v1::TelemetryService::NewStub(transport.channel())) {}

void Watch::start(std::weak_ptr<Watch> self, const QString& engineId, quint64 resumeAfter) {
  self_ = std::move(self);
  request_.set_engine_id(engineId.toStdString());
  request_.set_resume_after(resumeAfter);
  stub_->async()->Watch(&context, &request_, this);
  StartRead(&update_);
  StartCall();
}

void Watch::OnReadDone(bool ok) {
  if (!ok) return;
  const bool wake = mailbox_.put(changesOf(update_));
  StartRead(&update_);
  if (!wake) return;
  transport_.queue().post([self = self_.lock()] {
    if (!self->isMuted()) self->listener_.mail();
  });
}

void Watch::OnDone(const grpc::Status& status) {
  CallError error = status.ok() ? CallError{"unavailable", "The engine ended the connection", {}, {}}
                                : errorOf(status, context);
  transport_.queue().post([self = self_.lock(), error = std::move(error)] {
    if (!self->isMuted()) self->listener_.ended(error);
  });
  transport_.end(this);
}

}  // namespace penstock::ui
