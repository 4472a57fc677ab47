#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ops/gap.h"
#include "ops/reset.h"
#include "store/pod_store.h"
#include "telemetry/registry.h"

namespace penstock {

// One reset from its beginning to its outcome: the supervisor tells it what happened to the process, it counts. Writes itself to
// the pod store and shows itself in the registry. Used by one thread.
class ResetRun {
 public:
  struct Parts {
    TelemetryRegistry& registry;
    PodStore& pods;
    // Open dead letters of a stream since a time: what the outcome offers for redrive.
    std::function<std::int64_t(const std::string& stream, std::int64_t since)> redrivable_rows;
    bool counts_tables = false;                     // the outcome waits for delivered()
  };
  ResetRun(Parts parts, ResetRequest request, ResetObserver observer, std::vector<std::string> streams, std::int64_t now);

  void process_ended(std::int64_t now);             // by our hand: it is started next
  void started(std::int64_t now);                   // it answers, its streams are started
  void failed(std::int64_t now, const std::string& reason);
  // The state of this stream is damaged or lost, and is rebuilt.
  void rebuilds(const std::string& stream);
  // By the newest reports; call while replaying.
  void count(std::int64_t now);

  // All is caught up and in the tables: what they hold is to be counted, up to these positions, and told.
  struct Counted {
    StreamGap gap;
    StreamReport until;
    DeliveredRows delivered;
  };
  bool wants_delivered() const { return !counted_.empty() && !is_over(); }
  const std::vector<Counted>& counted() const { return counted_; }
  void delivered(std::int64_t now, std::vector<Counted> counted);

  ResetStage stage() const { return progress_.stage; }
  bool is_over() const { return progress_.stage == ResetStage::done || progress_.stage == ResetStage::failed; }
  const ResetRequest& request() const { return request_; }
  const std::string& outcome() const { return progress_.outcome; }

 private:
  void end(std::int64_t now, const GapProgress& sum);
  void enter(std::int64_t now, ResetStage stage);
  void keep(std::int64_t now);          // in the pod store
  void publish(std::int64_t now);       // to the registry and the observer
  std::string outcome_of(const GapProgress& counts);
  std::optional<StreamReport> report_of(const StreamGap& gap) const;

  const Parts parts_;
  const ResetRequest request_;
  const ResetObserver observer_;
  const std::vector<std::string> streams_;
  const std::int64_t began_at_;
  std::int64_t fault_since_ = 0;
  std::int64_t replay_began_at_ = 0;
  std::vector<StreamGap> gaps_;
  using ShardKey = std::pair<std::string, std::int32_t>;
  std::set<ShardKey> begun_;
  std::set<std::string> rebuilt_;
  std::map<ShardKey, StreamReport> caught_up_;         // the report by which a shard had caught up
  std::vector<Counted> counted_;
  ResetProgress progress_;
};

}  // namespace penstock
