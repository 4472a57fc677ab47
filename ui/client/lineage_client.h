#pragma once

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/records.h"

namespace penstock::ui {

class Connection;

// The graph of sources, steps, tables and sinks. Replies come on the UI thread while `receiver` lives.
class LineageClient {
 public:
  explicit LineageClient(Connection& engine) : engine_(engine) {}

  Call trace(const QString& node, QObject* receiver, Reply<ColumnTrace> reply);
  Call graph(bool columns, QObject* receiver, Reply<LineageGraph> reply);

 private:
  Connection& engine_;
};

}  // namespace penstock::ui
