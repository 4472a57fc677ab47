#include "replay/redrive_run.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "telemetry/wording.h"

namespace penstock {
namespace {

using namespace std::chrono_literals;
constexpr std::int32_t kPart = 500;

// What came out of a window or a join has no record that could be sent.
bool may_go(const RejectedRow& row) { return row.hop < kMostHops && row.raw_bytes > 0 && row.raw_bytes <= RejectedIndex::kMaxRawBytes; }

Status pause(std::chrono::milliseconds duration, const Cancellation& cancellation) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, cancellation, duration, [] { return false; });
  if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the redrive was cancelled");
  return {};
}

}  // namespace

Result<RedrivePreview> preview_redrive(const RejectedIndex& rejected, const RejectedFilter& filter) {
  RedrivePreview preview;
  PENSTOCK_ASSIGN(const auto total, rejected.count(filter));
  for (std::int64_t offset = 0; offset < total; offset += 10'000) {
    PENSTOCK_ASSIGN(const auto page, rejected.page(filter, RejectedOrder::time, offset, 10'000));
    for (const auto& row : page) ++(may_go(row) ? preview.rows : preview.refused);
  }
  return preview;
}

std::string outcome_sentence(const RedriveProgress& progress) {
  std::string sentence = with_thousands(progress.accepted) + " of " + count_of(progress.rows_total, "row") + " redriven · " +
                         with_thousands(progress.rejected_again) + " rejected again";
  if (progress.refused > 0) sentence += " · " + with_thousands(progress.refused) + " left where they are: redriven too often";
  return sentence;
}

Status RedriveRun::wait_for_turn(std::size_t rows, const Cancellation& cancellation) const {
  while (paused_) PENSTOCK_TRY(pause(100ms, cancellation));
  const double rate = rows_per_second_;
  if (rate <= 0) return pause(0ms, cancellation);
  return pause(std::chrono::milliseconds(static_cast<std::int64_t>(1000.0 * static_cast<double>(rows) / rate)), cancellation);
}

Result<RedriveProgress> RedriveRun::run(const Cancellation& cancellation, const std::function<void(const RedriveProgress&)>& progressed) {
  RedriveProgress progress;
  PENSTOCK_ASSIGN(progress.rows_total, rejected_.count(filter_));
  std::int64_t looked_at = 0, cursor = 0;
  // Rows that are rejected again come after those that were there at the start: they are not taken in.
  while (looked_at < progress.rows_total) {
    const auto limit = static_cast<std::int32_t>(std::min<std::int64_t>(kPart, progress.rows_total - looked_at));
    PENSTOCK_ASSIGN(auto part, rejected_.read(filter_, cursor, limit));
    if (part.empty()) break;
    looked_at += static_cast<std::int64_t>(part.size());
    progress.refused += std::erase_if(part, [](const RejectedDetail& detail) { return !may_go(detail.row); });
    if (part.empty()) continue;
    PENSTOCK_TRY(wait_for_turn(part.size(), cancellation));
    PENSTOCK_TRY(send_part(part, progress));
    progressed(progress);
  }
  return progress;
}

Status RedriveRun::send_part(const std::vector<RejectedDetail>& part, RedriveProgress& progress) {
  // A pod takes rows of one source and one hop at a time.
  std::map<std::pair<std::string, std::int32_t>, std::vector<const RejectedDetail*>> groups;
  for (const auto& detail : part) groups[{detail.row.source, detail.row.hop}].push_back(&detail);
  for (const auto& [kind, details] : groups) {
    std::vector<RedriveRow> rows;
    RejectedFilter sent{.stream = filter_.stream, .status = filter_.status};
    for (const auto* detail : details) {
      const auto& row = detail->row;
      rows.push_back({.source = row.source, .position = row.position, .source_time = row.source_time, .raw = detail->raw, .key = detail->key,
                      .headers = detail->headers, .hop = row.hop + 1, .step = row.step});
      sent.only_ids.push_back(row.id);
    }
    PENSTOCK_ASSIGN(const auto outcome, send_(command_id_ + "/" + details.front()->row.id, rows));
    progress.rejected_again += outcome.rejected_again;
    progress.accepted += static_cast<std::int64_t>(rows.size()) - outcome.rejected_again;
    PENSTOCK_TRY(rejected_.mark(sent, "redriven", command_id_));
  }
  return {};
}

}  // namespace penstock
