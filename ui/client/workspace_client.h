#pragma once

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/records.h"

namespace penstock::ui {

class Connection;

// The folder of pipelines that an engine holds. Replies come on the UI thread while `receiver` lives.
class WorkspaceClient {
 public:
  explicit WorkspaceClient(Connection& engine) : engine_(engine) {}

  Call connections(QObject* receiver, Reply<std::vector<WorkspaceConnection>> reply);
  // Of each source of a pipeline.
  Call contracts(const QString& pipeline, QObject* receiver, Reply<std::vector<SourceContracts>> reply);
  Call testConnection(const QString& name, QObject* receiver, Reply<ConnectionTest> reply);

 private:
  Connection& engine_;
};

}  // namespace penstock::ui
