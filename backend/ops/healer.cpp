#include "ops/healer.h"

#include "base/ids.h"
#include "base/log.h"
#include "telemetry/wording.h"

namespace penstock {

Healer::Illness Healer::examine(const HealingPolicy& policy, const Patient& patient, std::int64_t now) const {
  if (policy.crash_loop && patient.is_in_crash_loop) return {now, "in a crash loop"};
  if (policy.stuck.count() == 0) return {};
  const auto pod = parts_.registry.pod(patient.pod);
  if (pod && pod->phase == PodPhase::unknown && now - pod->phase_since >= policy.stuck.count()) return {pod->phase_since, "silent"};
  for (const std::string& name : patient.pipelines) {
    const auto pipeline = parts_.registry.pipeline(name);
    if (pipeline && pipeline->status == PipelineStatus::stuck && now - pipeline->status_since >= policy.stuck.count())
      return {pipeline->status_since, "stuck"};
  }
  return {};
}

void Healer::consider(std::int64_t now, const std::vector<Patient>& patients, const Reset& reset) {
  for (const HealingPolicy& policy : policies_) {
    for (const Patient& patient : patients) {
      if (patient.is_in_reset) continue;
      const Illness illness = examine(policy, patient, now);
      if (illness.since > 0) {
        treat(now, policy, patient, illness, reset);
      } else if (const std::string alarm = "healing/" + policy.name + "/" + patient.pod; given_up_.contains(alarm)) {
        const auto pod = parts_.registry.pod(patient.pod);
        // Well is what runs, not what has just been started.
        if (!pod || pod->phase != PodPhase::running) continue;
        parts_.registry.clear_alarm(alarm);
        given_up_.erase(alarm);
      }
    }
  }
}

void Healer::treat(std::int64_t now, const HealingPolicy& policy, const Patient& patient, const Illness& illness, const Reset& reset) {
  const std::string who = "policy " + policy.name, alarm_id = "healing/" + policy.name + "/" + patient.pod;
  if (given_up_.contains(alarm_id)) return;
  const auto earlier = parts_.pods.resets(patient.pod, now - policy.per.count(), who);
  if (!earlier.ok()) {
    // Without a count there is no limit, and a reset without a limit may do harm.
    log_error("policy {} does nothing: {}", policy.name, earlier.error().to_string());
    return;
  }
  if (static_cast<std::int64_t>(earlier->size()) >= policy.times) {
    Attention alarm;
    alarm.id = alarm_id;
    alarm.severity = "failing";
    alarm.subject = patient.pod + " was reset " + count_of(policy.times, "time") + " and is " + illness.what + " again";
    alarm.impact = "Policy " + policy.name + " gave up after " + count_of(policy.times, "reset") + " in " + in_words(policy.per.count());
    alarm.detail = earlier->empty() ? "" : "Last: " + earlier->front().outcome;
    alarm.since = now;
    alarm.pod = patient.pod;
    if (patient.pipelines.size() == 1) alarm.pipeline = patient.pipelines.front();
    alarm.first_action = "logs";
    parts_.registry.set_alarm(alarm);
    given_up_.insert(alarm_id);
    return;
  }
  const std::string why = patient.pod + " is " + illness.what;
  AuditEntry entry;
  entry.command_id = random_id();
  entry.who = who;
  entry.at = now;
  entry.action = "reset pod";
  entry.target = patient.pod;
  entry.why = why;
  entry.touches = count_of(static_cast<std::int64_t>(patient.pipelines.size()), "pipeline");
  if (policy.dry_run) {
    if (!rehearsed_.insert(alarm_id + "/" + (illness.what == "in a crash loop" ? illness.what : std::to_string(illness.since))).second) return;
    if (const auto begun = parts_.audit.begin(entry); begun.ok()) (void)parts_.audit.end(entry.command_id, "dry run: nothing was done", false, now);
    return;
  }
  if (const auto begun = parts_.audit.begin(entry); !begun.ok()) {
    log_error("policy {} does nothing: {}", policy.name, begun.error().to_string());
    return;
  }
  const Status status = reset({entry.command_id, patient.pod, who, why});
  if (!status.ok()) (void)parts_.audit.end(entry.command_id, status.error().to_string(), true, now);
}

}  // namespace penstock
