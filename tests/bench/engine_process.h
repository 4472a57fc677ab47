#pragma once

// penstockd in a process of its own, over a workspace that a benchmark has written, and what it reports.

#include <grpcpp/grpcpp.h>

#include <QProcess>
#include <QTemporaryDir>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "penstock/v1/query.grpc.pb.h"
#include "penstock/v1/telemetry.grpc.pb.h"

namespace penstock::bench {

// What the engine said last of each pipeline and pod.
struct Picture {
  std::map<std::string, v1::PipelineState> pipelines;
  std::map<std::string, v1::PodState> pods;

  double rows_per_second() const;
};

class EngineProcess {
 public:
  // `workspace`: its folder. State and tables are below it and end with this object, as do the engine and its pods.
  explicit EngineProcess(const QString& workspace);
  ~EngineProcess();

  // Returns when the engine listens. What went wrong; empty: nothing.
  std::string start();
  Picture now() const;
  // Blocks until `reached` holds of what is reported, or for `limit`. True when it holds.
  bool wait_for(const std::function<bool(const Picture&)>& reached, std::chrono::seconds limit);
  // Runs one query to its end and drops its rows. False when it fails. Thread-safe.
  bool query(const std::string& sql) const;
  // What penstockctl says to this: its JSON.
  QByteArray ask(const QStringList& arguments) const;

 private:
  void watch(std::stop_token stop);

  const QString workspace_;
  QTemporaryDir state_;
  QProcess process_;
  std::shared_ptr<grpc::Channel> channel_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Picture picture_;

  std::jthread watcher_;
};

// CPU seconds that a process has used, with all its threads; 0 when it is gone.
double cpu_seconds_of(std::int64_t process_id);

}  // namespace penstock::bench
