#include "viewmodels/log_feed.h"

#include "client/activity_client.h"
#include "client/pod_client.h"

namespace penstock::ui {

void LogFeed::followPod(Connection* engine, const QString& pod, int tail) {
  begin();
  if (engine) call_ = PodClient(*engine).logs(pod, tail, true, this, reply());
}

void LogFeed::followEngine(Connection* engine, const QString& minLevel, int tail) {
  begin();
  if (engine) call_ = ActivityClient(*engine).logs({}, minLevel, tail, true, this, reply());
}

void LogFeed::begin() {
  call_.cancel();
  problem_.clear();
  emit restarted();
}

StreamReply<LogEntry> LogFeed::reply() {
  return {[this](std::vector<LogEntry> some) { emit arrived(some); },
          [this](const std::optional<CallError>& error) {
            problem_ = error ? error->message : tr("The log has ended");
            emit ended(problem_);
          }};
}

}  // namespace penstock::ui
