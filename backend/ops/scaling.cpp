#include "ops/scaling.h"

#include <algorithm>

#include "base/ids.h"
#include "base/log.h"
#include "telemetry/wording.h"

namespace penstock {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kBehindFor = 5 * kSecond;          // so long over its lag, a stream gets twice as many pods
constexpr std::int64_t kSettles = 30 * kSecond;           // and is left alone for so long: a new pod has to catch up first
constexpr std::int64_t kAtEaseFor = 300 * kSecond;        // so long far below it, it gives one back
constexpr std::int64_t kFarBelow = 10;

}  // namespace

Result<Scales> Scaling::scales(const Workspace& workspace) const {
  Scales scales;
  PENSTOCK_ASSIGN(const auto records, parts_.pods.scales());
  for (const ScaleRecord& record : records) {
    const StreamSpec* stream = workspace.find_stream(record.stream);
    if (stream && stream->pods == record.declared) scales[record.stream] = record.pods;
    else PENSTOCK_TRY(parts_.pods.remove_scale(record.stream));
  }
  return scales;
}

Status Scaling::may_have(const StreamSpec& stream, std::int32_t pods) {
  if (stream.pods <= 0)
    return Error(ErrorKind::failed_precondition, stream.name + " has no pods of its own", "say `pods: 1` and `shards:` in its file, then penstockctl apply", stream.at.to_string());
  if (pods < 1 || pods > stream.shards)
    return Error(ErrorKind::invalid_argument, stream.name + " cannot have " + count_of(pods, "pod"),
                 "1 to " + std::to_string(stream.shards) + ": it has " + count_of(stream.shards, "shard"), stream.at.to_string());
  return {};
}

Status Scaling::scale(const StreamSpec& stream, std::int32_t pods) {
  PENSTOCK_TRY(may_have(stream, pods));
  return parts_.pods.put_scale({stream.name, pods, stream.pods});
}

bool Scaling::consider(const Workspace& workspace) {
  if (std::none_of(workspace.streams.begin(), workspace.streams.end(), [](const StreamSpec& stream) { return stream.scale.has_value(); })) return false;
  const auto known = scales(workspace);
  if (!known.ok()) return false;
  bool any = false;
  for (const StreamSpec& stream : workspace.streams)
    if (stream.scale && stream.pods > 0) any |= follow(stream, pods_of(stream, *known));
  return any;
}

bool Scaling::follow(const StreamSpec& stream, std::int32_t now_has) {
  const std::int64_t now = to_micros(parts_.clock.now());
  const auto state = parts_.registry.pipeline(stream.name);
  const ScaleSpec& policy = *stream.scale;
  const std::lock_guard lock(mutex_);
  Watched& watched = watched_[stream.name];
  const bool reads = state && (state->status == PipelineStatus::running || state->status == PipelineStatus::catching_up);
  const bool behind = reads && state->behind_micros > policy.lag.count();
  const bool at_ease = reads && state->behind_micros >= 0 && state->behind_micros * kFarBelow < policy.lag.count();
  if (!behind) watched.behind_since = 0;
  else if (watched.behind_since == 0) watched.behind_since = now;
  if (!at_ease) watched.at_ease_since = 0;
  else if (watched.at_ease_since == 0) watched.at_ease_since = now;

  const std::int32_t most = std::min(policy.most, stream.shards);
  std::int32_t wanted = std::clamp(now_has, std::min(policy.least, most), most);
  std::string why;
  if (behind && now - watched.behind_since >= kBehindFor && now - watched.scaled_at >= kSettles && now_has < most) {
    wanted = std::min(2 * now_has, most);
    why = in_words(state->behind_micros) + " behind, more than " + in_words(policy.lag.count());
  } else if (at_ease && now - watched.at_ease_since >= kAtEaseFor && now - watched.scaled_at >= kAtEaseFor && now_has > policy.least) {
    wanted = now_has - 1;
    why = "no more than " + in_words(policy.lag.count() / kFarBelow) + " behind for " + in_words(kAtEaseFor);
  }
  if (wanted == now_has) return false;
  AuditEntry entry;
  entry.command_id = random_id();
  entry.who = "policy scale";
  entry.at = now;
  entry.action = "scale pipeline";
  entry.target = stream.name;
  entry.why = why.empty() ? "its policy asks for " + std::to_string(policy.least) + " to " + std::to_string(policy.most) : why;
  entry.touches = count_of(now_has, "pod") + " → " + std::to_string(wanted);
  if (const auto begun = parts_.audit.begin(entry); !begun.ok()) {
    log_error("{} is not scaled: {}", stream.name, begun.error().to_string());
    return false;
  }
  const Status scaled = scale(stream, wanted);
  (void)parts_.audit.end(entry.command_id, scaled.ok() ? count_of(wanted, "pod") : scaled.error().to_string(), !scaled.ok(), now);
  watched.scaled_at = now;
  watched.behind_since = 0;
  return scaled.ok();
}

}  // namespace penstock
