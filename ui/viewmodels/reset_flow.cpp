#include "viewmodels/reset_flow.h"

#include "client/pod_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {

ResetFlow::ResetFlow(Connection& engine, QString pod, QObject* parent) : ActionFlow(engine, parent), pod_(std::move(pod)) {}

void ResetFlow::preview() {
  call_ = PodClient(*engine()).previewReset(pod_, this, [this](const Answer<ResetPreview>& answer) {
    if (!answer) return fail(answer.error());
    Sheet sheet;
    sheet.title = title();
    sheet.facts << tr("Runs %1").arg(answer->pipelines.join(QStringLiteral(", ")));
    sheet.facts << (answer->gapRows ? tr("Replays %1").arg(counted(*answer->gapRows, tr("row"), tr("rows"))) : tr("Replays what waits: how much is not known"));
    if (!answer->sinks.isEmpty()) sheet.facts << tr("Into %1").arg(answer->sinks.join(QStringLiteral(", ")));
    if (answer->state == "damaged" || answer->state == "lost") sheet.facts << tr("Its state is %1 and is rebuilt from bronze").arg(answer->state);
    if (answer->sendsTwice) sheet.warning = tr("A sink may get rows a second time. This cannot be undone.");
    sheet.destroys = answer->sendsTwice;
    const auto pod = engine()->picture().pods.constFind(pod_);
    if (pod != engine()->picture().pods.constEnd()) sheet.why = pod->reason;
    previewed(sheet, answer->safe);
  });
}

void ResetFlow::run(const Command& command) {
  last_ = {};
  call_ = PodClient(*engine()).reset(
      command, pod_, this,
      {[this](std::vector<ResetProgress> some) {
         last_ = some.back();
         const bool counts = last_.stage == "replaying" && last_.gapRows > 0;
         progressed(counts ? tr("replaying · %1 of %2 rows").arg(grouped(last_.replayedRows), grouped(last_.gapRows)) : last_.stage,
                    counts ? std::optional(static_cast<double>(last_.replayedRows) / static_cast<double>(last_.gapRows)) : std::nullopt);
       },
       [this](const std::optional<CallError>& error) {
         if (error) return fail(*error);
         if (last_.stage == "failed") return fail({"internal", last_.outcome, {}, pod_});
         finish(last_.outcome);
       }});
}

}  // namespace penstock::ui
