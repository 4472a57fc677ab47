#include "client/transport.h"

#include <penstock/v1/common.pb.h>
#include <vector>

#include "client/call.h"

namespace penstock::ui {
namespace {

const char* kindOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED: return "cancelled";
    case grpc::StatusCode::INVALID_ARGUMENT: return "invalid_argument";
    case grpc::StatusCode::DEADLINE_EXCEEDED: return "deadline_exceeded";
    case grpc::StatusCode::NOT_FOUND: return "not_found";
    case grpc::StatusCode::ALREADY_EXISTS: return "already_exists";
    case grpc::StatusCode::PERMISSION_DENIED: return "permission_denied";
    case grpc::StatusCode::RESOURCE_EXHAUSTED: return "resource_exhausted";
    case grpc::StatusCode::FAILED_PRECONDITION: return "failed_precondition";
    case grpc::StatusCode::UNIMPLEMENTED: return "unsupported";
    case grpc::StatusCode::UNAVAILABLE: return "unavailable";
    case grpc::StatusCode::DATA_LOSS: return "data_loss";
    case grpc::StatusCode::UNAUTHENTICATED: return "unauthenticated";
    default: return "internal";
  }
}

QString messageOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE: return QStringLiteral("The engine cannot be reached");
    case grpc::StatusCode::DEADLINE_EXCEEDED: return QStringLiteral("The engine did not answer in time");
    case grpc::StatusCode::CANCELLED: return QStringLiteral("Cancelled");
    default: return QString::fromStdString(status.error_message());
  }
}

}  // namespace

CallError errorOf(const grpc::Status& status, const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("penstock-error-bin");
  v1::ErrorDetail detail;
  if (found != trailers.end() && detail.ParseFromArray(found->second.data(), static_cast<int>(found->second.size()))) {
    return {QString::fromStdString(detail.kind()), QString::fromStdString(detail.message()),
            QString::fromStdString(detail.action()), QString::fromStdString(detail.where())};
  }
  return {QString::fromLatin1(kindOf(status.error_code())), messageOf(status), {}, {}};
}

Transport::Transport(std::shared_ptr<grpc::Channel> channel, std::string token, UiQueue& queue)
    : channel_(std::move(channel)), token_(std::move(token)), queue_(queue) {}

Transport::~Transport() { shutDown(); }

bool Transport::begin(const std::shared_ptr<Operation>& operation, std::chrono::milliseconds deadline) {
  if (!token_.empty()) operation->context.AddMetadata("authorization", "Bearer " + token_);
  if (deadline.count() > 0) operation->context.set_deadline(std::chrono::system_clock::now() + deadline);
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  running_.emplace(operation.get(), operation);
  return true;
}

void Transport::end(Operation* operation) {
  std::shared_ptr<Operation> last;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(operation);
    if (found == running_.end()) return;
    last = std::move(found->second);
    running_.erase(found);
    ++ending_;
  }
  last.reset();
  const std::lock_guard lock(mutex_);
  --ending_;
  if (running_.empty() && ending_ == 0) allEnded_.notify_all();
}

void Transport::cancelAll() {
  std::vector<std::shared_ptr<Operation>> running;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    running.reserve(running_.size());
    for (const auto& [key, operation] : running_) running.push_back(operation);
  }
  for (const auto& operation : running) operation->stop();
}

void Transport::shutDown() {
  cancelAll();
  std::unique_lock lock(mutex_);
  allEnded_.wait(lock, [this] { return running_.empty() && ending_ == 0; });
}

Call::Call(std::weak_ptr<Operation> operation) : operation_(std::move(operation)) {}

void Call::cancel() {
  if (const auto operation = operation_.lock()) operation->cancel();
  operation_.reset();
}

bool Call::isRunning() const {
  const auto operation = operation_.lock();
  return operation && !operation->isMuted();
}

}  // namespace penstock::ui
