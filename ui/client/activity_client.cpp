#include "client/activity_client.h"

#include <penstock/v1/activity.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/server_stream.h"
#include "client/unary_call.h"

namespace penstock::ui {

Call ActivityClient::audit(const QString& containing, qint64 offset, int limit, QObject* receiver, Reply<AuditPage> reply) {
  v1::ListAuditRequest request;
  request.set_text(containing.toStdString());
  request.mutable_page()->set_offset(offset);
  request.mutable_page()->set_limit(limit);
  return startUnary<v1::ActivityService>(engine_.transport(), &v1::ActivityService::Stub::async::ListAudit, std::move(request),
                                    usualDeadline, auditPageOf, receiver, std::move(reply));
}

Call ActivityClient::logs(const QString& containing, const QString& minLevel, int tail, bool follow, QObject* receiver, StreamReply<LogEntry> reply) {
  v1::EngineLogsRequest request;
  request.set_text(containing.toStdString());
  request.set_min_level(minLevel.toStdString());
  request.set_tail(tail);
  request.set_follow(follow);
  return startStream<v1::ActivityService>(engine_.transport(), &v1::ActivityService::Stub::async::Logs, std::move(request),
                                     logLineOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
