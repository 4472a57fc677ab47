#pragma once

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"

namespace penstock::ui {

class Connection;

// What an operator does to a pipeline. Replies come on the UI thread while `receiver` lives.
class PipelineClient {
 public:
  explicit PipelineClient(Connection& engine) : engine_(engine) {}

  // With `drain`: takes what the sources hold now, then stops; the answer comes when it has stopped.
  Call run(const Command& command, const QString& pipeline, bool drain, QObject* receiver, Reply<CommandOutcome> reply);
  Call pause(const Command& command, const QString& pipeline, QObject* receiver, Reply<CommandOutcome> reply);
  Call resume(const Command& command, const QString& pipeline, QObject* receiver, Reply<CommandOutcome> reply);
  Call previewScale(const QString& pipeline, int pods, QObject* receiver, Reply<ScalePreview> reply);
  // Its shards go to so many pods while it runs.
  Call scale(const Command& command, const QString& pipeline, int pods, QObject* receiver, Reply<CommandOutcome> reply);
  // All that were made of it, the newest first.
  Call listSavepoints(const QString& pipeline, QObject* receiver, Reply<std::vector<Savepoint>> reply);
  // It stands still while its state is copied, or put back.
  Call makeSavepoint(const Command& command, const QString& pipeline, const QString& name, QObject* receiver, Reply<CommandOutcome> reply);
  Call restoreSavepoint(const Command& command, const QString& pipeline, const QString& name, QObject* receiver, Reply<CommandOutcome> reply);
  Call removeSavepoint(const Command& command, const QString& pipeline, const QString& name, QObject* receiver, Reply<CommandOutcome> reply);
  // Stops it; state and positions stay.
  Call cancel(const Command& command, const QString& pipeline, QObject* receiver, Reply<CommandOutcome> reply);

 private:
  Connection& engine_;
};

}  // namespace penstock::ui
