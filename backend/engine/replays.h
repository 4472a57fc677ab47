#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/applied_workspace.h"
#include "engine/query_tables.h"
#include "ops/pod_supervisor.h"
#include "replay/redrive_run.h"
#include "replay/replay_plan.h"
#include "store/rejected_index.h"
#include "store/replay_store.h"
#include "telemetry/registry.h"

namespace penstock {

struct Request {
  std::string id;       // the command's
  std::string who;
  std::string why;
};

// What is stored of a replay, as telemetry shows it.
ReplayState replay_state_of(const ReplayRecord& record);

// Replays and redrives of this engine: previewed, started, steered, and kept until their outcome is stored. A replay runs in the
// pod of its stream, a redrive is sent to it part by part. Thread-safe; the parts outlive it.
class Replays {
 public:
  struct Parts {
    const AppliedWorkspace& applied;
    PodSupervisor& supervisor;
    TelemetryRegistry& registry;
    ReplayStore& store;
    RejectedIndex& rejected;
    QueryTables& tables;
    const Clock& clock = Clock::system();
  };
  explicit Replays(Parts parts) : parts_(parts) {}
  ~Replays();           // redrives stop after their current part

  // Once, first: shows the replays that an earlier engine left; its redrives are over, their rows that were not sent are open.
  Status open();
  // Stores what became of replays in pods. Once a second.
  void tick();

  Result<ReplayPlan> preview(const ReplayWish& wish) const;
  // failed_precondition: rows would be sent again and `confirmed_rows` is not their number.
  Result<ReplayState> start(const ReplayWish& wish, std::int64_t confirmed_rows, const Request& request);
  Result<ReplayState> redrive(const RejectedFilter& filter, double rate_limit, const Request& request);
  // A sentence: "14 rows discarded".
  Result<std::string> discard(const RejectedFilter& filter, const Request& request);

  // `action`: pause, resume, cancel, rate. not_found: no such replay runs.
  Result<std::string> control(const std::string& id, const std::string& action, double rate_limit);
  // Newest first; running ones as they are now.
  Result<ReplayPage> list(std::int64_t offset, std::int32_t limit) const;

 private:
  struct Redrive {
    std::unique_ptr<RedriveRun> run;
    std::jthread thread;
  };
  Result<const StreamSpec*> stream_of(const AppliedVersionView& version, const std::string& name) const;
  Result<std::optional<TimeRange>> times_of(const std::string& table, const ReplayWish& wish) const;
  Result<std::int64_t> count_rows(const std::string& table, std::int64_t from, std::int64_t to) const;
  Result<ReplayState> begin(ReplayRecord record);
  void end(const std::string& id, const std::string& status, std::int64_t rows_done, const std::string& outcome);
  void carry_out(const std::string& id, RedriveRun& run, const Cancellation& cancellation);

  const Parts parts_;

  // Protected by mutex_.
  std::mutex mutex_;
  std::map<std::string, Redrive> redrives_;
};

}  // namespace penstock
