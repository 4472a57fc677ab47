#include "client/pod_client.h"

#include <penstock/v1/pods.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/server_stream.h"
#include "client/unary_call.h"

namespace penstock::ui {

Call PodClient::previewReset(const QString& pod, QObject* receiver, Reply<ResetPreview> reply) {
  v1::ResetPodRequest request;
  request.set_pod(pod.toStdString());
  return startUnary<v1::PodService>(engine_.transport(), &v1::PodService::Stub::async::PreviewReset, std::move(request),
                                    usualDeadline, resetPreviewOf, receiver, std::move(reply));
}

Call PodClient::reset(const Command& command, const QString& pod, QObject* receiver, StreamReply<ResetProgress> reply) {
  v1::ResetPodRequest request;
  setCommand(command, request.mutable_command());
  request.set_pod(pod.toStdString());
  return startStream<v1::PodService>(engine_.transport(), &v1::PodService::Stub::async::Reset, std::move(request),
                                     resetProgressOf, receiver, std::move(reply));
}

Call PodClient::logs(const QString& pod, int tail, bool follow, QObject* receiver, StreamReply<LogEntry> reply) {
  v1::PodLogsRequest request;
  request.set_pod(pod.toStdString());
  request.set_tail(tail);
  request.set_follow(follow);
  return startStream<v1::PodService>(engine_.transport(), &v1::PodService::Stub::async::Logs, std::move(request),
                                     logLineOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
