#pragma once

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/records.h"

namespace penstock::ui {

class Connection;

// Who did what, and what the engine said. Replies come on the UI thread while `receiver` lives.
class ActivityClient {
 public:
  explicit ActivityClient(Connection& engine) : engine_(engine) {}

  // Newest first; `containing` looks in who, action, target and why.
  Call audit(const QString& containing, qint64 offset, int limit, QObject* receiver, Reply<AuditPage> reply);
  Call logs(const QString& containing, const QString& minLevel, int tail, bool follow, QObject* receiver, StreamReply<LogEntry> reply);

 private:
  Connection& engine_;
};

}  // namespace penstock::ui
