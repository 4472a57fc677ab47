#pragma once

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/values.h"

namespace penstock::ui {

class Connection;

// Ranges again, and rejected rows again. Replies come on the UI thread while `receiver` lives.
class ReplayClient {
 public:
  explicit ReplayClient(Connection& engine) : engine_(engine) {}

  Call previewReplay(const ReplayRequest& request, QObject* receiver, Reply<ReplayPreview> reply);
  Call startReplay(const Command& command, const ReplayRequest& request, QObject* receiver, Reply<ReplayState> reply);
  Call previewRedrive(const RedriveRequest& request, QObject* receiver, Reply<ReplayPreview> reply);
  Call redrive(const Command& command, const RedriveRequest& request, QObject* receiver, Reply<ReplayState> reply);
  Call discard(const Command& command, const RedriveRequest& request, QObject* receiver, Reply<CommandOutcome> reply);
  Call pause(const Command& command, const QString& replay, QObject* receiver, Reply<CommandOutcome> reply);
  Call resume(const Command& command, const QString& replay, QObject* receiver, Reply<CommandOutcome> reply);
  Call cancel(const Command& command, const QString& replay, QObject* receiver, Reply<CommandOutcome> reply);
  Call setRate(const Command& command, const QString& replay, double rowsPerSecond, QObject* receiver, Reply<CommandOutcome> reply);
  // Newest first.
  Call list(qint64 offset, int limit, QObject* receiver, Reply<ReplayList> reply);

 private:
  Connection& engine_;
};

}  // namespace penstock::ui
