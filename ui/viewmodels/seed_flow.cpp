#include "viewmodels/seed_flow.h"

#include "client/quality_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {

SeedFlow::SeedFlow(Connection& engine, Seed seed, QStringList addedKeys, QObject* parent)
    : ActionFlow(engine, parent), seed_(std::move(seed)), addedKeys_(std::move(addedKeys)) {}

QString SeedFlow::title() const { return tr("Add %1 to %2").arg(counted(addedKeys_.size(), tr("row"), tr("rows")), seed_.path); }

void SeedFlow::preview() {
  Sheet sheet;
  sheet.title = title();
  sheet.facts << tr("Keys %1").arg(addedKeys_.join(QStringLiteral(", "))) << tr("Steps see it from the next epoch on");
  previewed(sheet, true);
}

void SeedFlow::run(const Command& command) {
  call_ = QualityClient(*engine()).writeSeed(command, seed_, this, [this](const Answer<CommandOutcome>& answer) {
    answer ? finish(answer->outcome) : fail(answer.error());
  });
}

}  // namespace penstock::ui
