#include "viewmodels/pipeline_flow.h"

#include "client/pipeline_client.h"
#include "viewmodels/states.h"

namespace penstock::ui {

PipelineFlow::PipelineFlow(Connection& engine, QString pipeline, Act act, QObject* parent)
    : ActionFlow(engine, parent), pipeline_(std::move(pipeline)), act_(act) {}

std::optional<PipelineFlow::Act> PipelineFlow::undo() const {
  if (act_ == Act::Pause) return Act::Resume;
  if (act_ == Act::Resume) return Act::Pause;
  return std::nullopt;
}

QString PipelineFlow::title() const {
  switch (act_) {
    case Act::Pause: return tr("Pause %1").arg(pipeline_);
    case Act::Resume: return tr("Resume %1").arg(pipeline_);
    case Act::Run: return tr("Run %1").arg(pipeline_);
    case Act::Drain: return tr("Drain and stop %1").arg(pipeline_);
    case Act::Stop: return tr("Stop %1").arg(pipeline_);
  }
  return {};
}

QString PipelineFlow::expectedState() const {
  const auto found = engine()->picture().pipelines.constFind(pipeline_);
  return found == engine()->picture().pipelines.constEnd() ? QString() : nameOf(found->status);
}

// Nothing is lost by any of them: positions and state stay. Only a protected environment asks.
void PipelineFlow::preview() {
  Sheet sheet;
  sheet.title = title();
  sheet.facts << tr("Positions and state stay; what waits in the source is taken later");
  previewed(sheet, act_ != Act::Stop);
}

void PipelineFlow::run(const Command& command) {
  const Reply<CommandOutcome> reply = [this](const Answer<CommandOutcome>& answer) {
    answer ? finish(answer->outcome) : fail(answer.error());
  };
  PipelineClient client(*engine());
  switch (act_) {
    case Act::Pause: call_ = client.pause(command, pipeline_, this, reply); break;
    case Act::Resume: call_ = client.resume(command, pipeline_, this, reply); break;
    case Act::Run: call_ = client.run(command, pipeline_, false, this, reply); break;
    case Act::Drain: call_ = client.run(command, pipeline_, true, this, reply); break;
    case Act::Stop: call_ = client.cancel(command, pipeline_, this, reply); break;
  }
}

}  // namespace penstock::ui
