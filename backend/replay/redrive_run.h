#pragma once

// Chosen rows out of quarantine and dead letters, through their pipeline again, from the step that rejected them.

#include <atomic>
#include <functional>
#include <string>

#include "base/cancellation.h"
#include "store/rejected_index.h"
#include "stream/pod_runtime.h"

namespace penstock {

// A row that failed so often again goes nowhere by being sent once more: it needs a person.
inline constexpr std::int32_t kMostHops = 5;

struct RedrivePreview {
  std::int64_t rows = 0;            // that will be sent
  std::int64_t refused = 0;         // at the hop limit, too large to be kept whole, or without a record
};
Result<RedrivePreview> preview_redrive(const RejectedIndex& rejected, const RejectedFilter& filter);

struct RedriveProgress {
  std::int64_t rows_total = 0;
  std::int64_t accepted = 0;
  std::int64_t rejected_again = 0;
  std::int64_t refused = 0;
  std::int64_t done() const { return accepted + rejected_again; }
};
// "1,204 of 1,204 rows redriven · 0 rejected again"
std::string outcome_sentence(const RedriveProgress& progress);

// One redrive. A part of the rows is sent under an id of its own, taken once by the pod, and only then marked as redriven: a
// redrive that was interrupted goes on with the same parts, so that no row is sent twice and none is forgotten.
class RedriveRun {
 public:
  using Send = std::function<Result<RedriveOutcome>(const std::string& part_id, const std::vector<RedriveRow>& rows)>;

  RedriveRun(std::string command_id, RejectedFilter filter, double rows_per_second, RejectedIndex& rejected, Send send)
      : command_id_(std::move(command_id)), filter_(std::move(filter)), rows_per_second_(rows_per_second), rejected_(rejected), send_(std::move(send)) {}

  // Until all rows are sent. `progressed` is called after each part. cancelled: what was sent stays sent.
  Result<RedriveProgress> run(const Cancellation& cancellation, const std::function<void(const RedriveProgress&)>& progressed);
  // From any thread.
  void set_paused(bool paused) { paused_ = paused; }
  void set_rate(double rows_per_second) { rows_per_second_ = rows_per_second; }    // 0: as fast as they are taken

 private:
  Status wait_for_turn(std::size_t rows, const Cancellation& cancellation) const;
  Status send_part(const std::vector<RejectedDetail>& part, RedriveProgress& progress);

  const std::string command_id_;
  const RejectedFilter filter_;
  std::atomic<double> rows_per_second_;
  std::atomic<bool> paused_ = false;
  RejectedIndex& rejected_;
  const Send send_;
};

}  // namespace penstock
