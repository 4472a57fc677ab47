#pragma once

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/values.h"

namespace penstock::ui {

class Connection;

// What was measured in the past. Replies come on the UI thread while `receiver` lives.
class SeriesClient {
 public:
  explicit SeriesClient(Connection& engine) : engine_(engine) {}

  // Names: see GetSeriesRequest in telemetry.proto.
  Call series(const QStringList& names, Instant from, Instant to, int maxPoints, QObject* receiver, Reply<std::vector<Series>> reply);

 private:
  Connection& engine_;
};

}  // namespace penstock::ui
