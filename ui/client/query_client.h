#pragma once

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/rows.h"

namespace penstock::ui {

class Connection;

// SELECT over tables, steps and seeds. Replies come on the UI thread while `receiver` lives.
class QueryClient {
 public:
  explicit QueryClient(Connection& engine) : engine_(engine) {}

  // `maxRows` 0: 100,000. Cancelling the call cancels the query.
  Call run(const QString& sql, qint64 maxRows, qint64 offset, QObject* receiver, StreamReply<QueryPart> reply);
  Call listObjects(QObject* receiver, Reply<std::vector<QueryObject>> reply);

 private:
  Connection& engine_;
};

}  // namespace penstock::ui
