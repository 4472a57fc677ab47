#pragma once

#include "client/rows.h"
#include "viewmodels/action_flow.h"

namespace penstock::ui {

// Writes a seed with added rows. Published as a whole; steps see it from the next epoch on; refused where someone else
// has changed it since it was read.
class SeedFlow : public ActionFlow {
  Q_OBJECT
 public:
  SeedFlow(Connection& engine, Seed seed, QStringList addedKeys, QObject* parent = nullptr);
  QString title() const override;

 protected:
  void preview() override;
  void run(const Command& command) override;

 private:
  const Seed seed_;
  const QStringList addedKeys_;
};

}  // namespace penstock::ui
