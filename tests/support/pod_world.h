#pragma once

// A supervisor over fake pods with real stores, at a time that stands still until it is moved.

#include <map>
#include <optional>

#include <QTemporaryDir>

#include "ops/pod_supervisor.h"
#include "store/operations_db.h"
#include "support/fake_pods.h"

namespace penstock::test {

struct PodWorld {
  QTemporaryDir folder;
  ManualClock clock{from_micros(1'763'648'400'000'000)};
  std::unique_ptr<Database> database = std::move(open_operations_db(folder.filePath("operations.db").toStdString()).value());
  AuditLog audit{*database};
  PodStore pods{*database};
  RejectedIndex rejected{*database};
  TelemetryRegistry registry{clock};
  FakePodHost host;
  std::optional<DeliveredRows> delivered;      // that the tables hold; none: they are not counted
  Positions counted_until;
  PodSupervisor supervisor{{host, [this](const PodProcess& process) { return host.connect(process); }, registry, pods, audit, rejected, clock,
                            [this](const StreamGap&, const Positions& until) -> Result<DeliveredRows> {
                              counted_until = until;
                              return delivered.value_or(DeliveredRows());
                            }}};

  std::int64_t now() const { return to_micros(clock.now()); }
  void desire(const std::vector<std::string>& streams, std::int64_t version = 1) {
    DesiredPod pod{{"shared-0"}, {}};
    std::vector<PipelineDeclaration> declarations;
    for (const std::string& stream : streams) {
      StreamStart start;
      start.stream = stream;
      start.version = version;
      pod.streams.push_back(start);
      PipelineDeclaration declaration;
      declaration.name = stream;
      declarations.push_back(declaration);
    }
    registry.declare(declarations);
    supervisor.desire({pod});
  }
  // `loyalty` in so many pods, whose four shards are dealt out over them.
  void desire_pods(std::int32_t pods, bool keep_stopped = false) {
    Workspace workspace;
    StreamSpec stream;
    stream.name = "loyalty";
    stream.pods = pods;
    stream.shards = 4;
    workspace.streams.push_back(stream);
    PipelineDeclaration declaration;
    declaration.name = "loyalty";
    declaration.shards = 4;
    registry.declare({declaration});
    StreamStart base;
    base.version = 1;
    supervisor.desire(place(workspace, base), keep_stopped);
  }
  FakePodLink& link(const std::string& pod) { return *host.links.at(pod); }
  FakePodLink& link() { return *host.links.at("shared-0"); }
  PodPhase phase() { return registry.pod("shared-0")->phase; }
  void pass(std::chrono::microseconds time) {
    clock.advance(time);
    registry.tick();
    supervisor.tick();
  }

  // A report of `loyalty` in shared-0: committed `position`, of `head` rows.
  StreamReport loyalty(std::int64_t position, std::int64_t head) const {
    StreamReport report;
    report.stream = "loyalty";
    report.status = PipelineStatus::running;
    report.version = 1;
    report.epoch = position;
    report.epoch_at = now();
    report.rows_in = position;
    report.positions = {{0, position}};
    report.heads = {{0, head}};
    report.behind_rows = head - position;
    report.input_waiting_since = head > position ? now() : 0;
    return report;
  }
  void report(const StreamReport& stream) {
    PodReport report;
    report.started_at = started_.try_emplace(host.running.at("shared-0").process_id, now()).first->second;
    report.streams = {stream};
    link().report(report);
  }
  // The same report every second, of every process that runs: no epoch closes any more.
  void get_stuck_for(int seconds) {
    if (!stuck_) stuck_ = loyalty(600, 1'000);
    for (int i = 0; i < seconds; ++i) {
      if (host.running.contains("shared-0")) report(*stuck_);
      pass(std::chrono::seconds(1));
    }
  }

 private:
  std::optional<StreamReport> stuck_;
  std::map<std::int64_t, std::int64_t> started_;      // by process id
};

}  // namespace penstock::test
