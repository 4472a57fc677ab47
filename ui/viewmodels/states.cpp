#include "viewmodels/states.h"

#include "viewmodels/roles.h"

namespace penstock::ui {

QString nameOf(PipelineStatus status) {
  switch (status) {
    case PipelineStatus::Starting: return QStringLiteral("starting");
    case PipelineStatus::Running: return QStringLiteral("running");
    case PipelineStatus::CatchingUp: return QStringLiteral("catching_up");
    case PipelineStatus::Degraded: return QStringLiteral("degraded");
    case PipelineStatus::Stuck: return QStringLiteral("stuck");
    case PipelineStatus::Failing: return QStringLiteral("failing");
    case PipelineStatus::Paused: return QStringLiteral("paused");
    case PipelineStatus::Draining: return QStringLiteral("draining");
    case PipelineStatus::Stopped: return QStringLiteral("stopped");
    case PipelineStatus::Unspecified:
    case PipelineStatus::Unknown: break;
  }
  return QStringLiteral("unknown");
}

QString nameOf(PodPhase phase) {
  switch (phase) {
    case PodPhase::Pending: return QStringLiteral("pending");
    case PodPhase::Starting: return QStringLiteral("starting");
    case PodPhase::Running: return QStringLiteral("running");
    case PodPhase::NotReady: return QStringLiteral("not_ready");
    case PodPhase::Stuck: return QStringLiteral("stuck");
    case PodPhase::CrashLoop: return QStringLiteral("crash_loop");
    case PodPhase::Stopping: return QStringLiteral("stopping");
    case PodPhase::Gone: return QStringLiteral("gone");
    case PodPhase::Unspecified:
    case PodPhase::Unknown: break;
  }
  return QStringLiteral("unknown");
}

QString wordOf(PipelineStatus status) { return nameOf(status).replace('_', ' '); }
QString wordOf(PodPhase phase) { return nameOf(phase).replace('_', ' '); }
QString wordOf(EngineState state) { return nameOf(state).replace('_', ' '); }

int shapeOf(PipelineStatus status) {
  switch (status) {
    case PipelineStatus::Running: return mark::Ok;
    case PipelineStatus::Starting:
    case PipelineStatus::CatchingUp:
    case PipelineStatus::Draining: return mark::Running;
    case PipelineStatus::Degraded: return mark::Warning;
    case PipelineStatus::Stuck:
    case PipelineStatus::Failing: return mark::Failing;
    case PipelineStatus::Paused:
    case PipelineStatus::Stopped: return mark::Idle;
    case PipelineStatus::Unspecified:
    case PipelineStatus::Unknown: break;
  }
  return mark::Unknown;
}

int shapeOf(PodPhase phase) {
  switch (phase) {
    case PodPhase::Running: return mark::Ok;
    case PodPhase::Pending:
    case PodPhase::Starting:
    case PodPhase::Stopping: return mark::Running;
    case PodPhase::NotReady: return mark::Warning;
    case PodPhase::Stuck:
    case PodPhase::CrashLoop: return mark::Failing;
    case PodPhase::Gone: return mark::Idle;
    case PodPhase::Unspecified:
    case PodPhase::Unknown: break;
  }
  return mark::Unknown;
}

int shapeOf(EngineState state) {
  switch (state) {
    case EngineState::Live: return mark::Ok;
    case EngineState::Slow: return mark::Warning;
    case EngineState::NotAnswering:
    case EngineState::Unauthorised:
    case EngineState::Incompatible: return mark::Failing;
    case EngineState::Connecting: break;
  }
  return mark::Unknown;
}

int replayShapeOf(const QString& status) {
  if (status == "running" || status == "verifying") return mark::Running;
  if (status == "failed") return mark::Failing;
  if (status == "done") return mark::Ok;
  return mark::Idle;
}

int rankOf(int shape) {
  switch (shape) {
    case mark::Failing: return 0;
    case mark::Warning: return 1;
    case mark::Unknown: return 2;
    case mark::Running: return 3;
    case mark::Ok: return 4;
    default: return 5;
  }
}

int toneOf(int shape) {
  if (shape == mark::Failing) return voice::Failing;
  if (shape == mark::Warning) return voice::Warning;
  return voice::Normal;
}

}  // namespace penstock::ui
