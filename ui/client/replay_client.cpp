#include "client/replay_client.h"

#include <penstock/v1/replay.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/unary_call.h"

namespace penstock::ui {

Call ReplayClient::previewReplay(const ReplayRequest& request, QObject* receiver, Reply<ReplayPreview> reply) {
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::PreviewReplay, replayRequestOf({}, request),
                                    usualDeadline, replayPreviewOf, receiver, std::move(reply));
}

Call ReplayClient::startReplay(const Command& command, const ReplayRequest& request, QObject* receiver, Reply<ReplayState> reply) {
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::StartReplay, replayRequestOf(command, request),
                                    usualDeadline, replayOf, receiver, std::move(reply));
}

Call ReplayClient::previewRedrive(const RedriveRequest& request, QObject* receiver, Reply<ReplayPreview> reply) {
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::PreviewRedrive, redriveRequestOf({}, request),
                                    usualDeadline, replayPreviewOf, receiver, std::move(reply));
}

Call ReplayClient::redrive(const Command& command, const RedriveRequest& request, QObject* receiver, Reply<ReplayState> reply) {
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::Redrive, redriveRequestOf(command, request),
                                    usualDeadline, replayOf, receiver, std::move(reply));
}

Call ReplayClient::discard(const Command& command, const RedriveRequest& request, QObject* receiver, Reply<CommandOutcome> reply) {
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::Discard, redriveRequestOf(command, request),
                                    usualDeadline, outcomeOf, receiver, std::move(reply));
}

Call ReplayClient::pause(const Command& command, const QString& replay, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::ReplayCommand request;
  setCommand(command, request.mutable_command());
  request.set_replay_id(replay.toStdString());
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::Pause, std::move(request),
                                    usualDeadline, outcomeOf, receiver, std::move(reply));
}

Call ReplayClient::resume(const Command& command, const QString& replay, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::ReplayCommand request;
  setCommand(command, request.mutable_command());
  request.set_replay_id(replay.toStdString());
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::Resume, std::move(request),
                                    usualDeadline, outcomeOf, receiver, std::move(reply));
}

Call ReplayClient::cancel(const Command& command, const QString& replay, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::ReplayCommand request;
  setCommand(command, request.mutable_command());
  request.set_replay_id(replay.toStdString());
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::Cancel, std::move(request),
                                    usualDeadline, outcomeOf, receiver, std::move(reply));
}

Call ReplayClient::setRate(const Command& command, const QString& replay, double rowsPerSecond, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::ReplayCommand request;
  setCommand(command, request.mutable_command());
  request.set_replay_id(replay.toStdString());
  request.set_rate_limit(rowsPerSecond);
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::SetRate, std::move(request),
                                    usualDeadline, outcomeOf, receiver, std::move(reply));
}

Call ReplayClient::list(qint64 offset, int limit, QObject* receiver, Reply<ReplayList> reply) {
  v1::ListReplaysRequest request;
  request.mutable_page()->set_offset(offset);
  request.mutable_page()->set_limit(limit);
  return startUnary<v1::ReplayService>(engine_.transport(), &v1::ReplayService::Stub::async::List, std::move(request),
                                    usualDeadline, replayListOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
