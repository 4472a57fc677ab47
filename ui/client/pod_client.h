#pragma once

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/records.h"

namespace penstock::ui {

class Connection;

// The processes that run streams. Replies come on the UI thread while `receiver` lives.
class PodClient {
 public:
  explicit PodClient(Connection& engine) : engine_(engine) {}

  Call previewReset(const QString& pod, QObject* receiver, Reply<ResetPreview> reply);
  // Stops the pod, starts it, resumes from the last epoch, replays the gap. The last item carries the outcome.
  Call reset(const Command& command, const QString& pod, QObject* receiver, StreamReply<ResetProgress> reply);
  // `tail`: so many lines of the past first.
  Call logs(const QString& pod, int tail, bool follow, QObject* receiver, StreamReply<LogEntry> reply);

 private:
  Connection& engine_;
};

}  // namespace penstock::ui
