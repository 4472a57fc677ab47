#pragma once

// The whole window, with preferences of its own, over a fleet that no engine has joined yet.

#include <QTest>

#include "shell/main_window.h"
#include "support/fake_engine.h"
#include "viewmodels/session.h"

namespace penstock::test {

struct WindowUnderTest {
  explicit WindowUnderTest(const QString& preferencesFile) : preferences(preferencesFile) {
    window.resize(1'600, 1'000);
    window.show();
  }
  void add(const QString& name, const FakeEngine& engine) { fleet.add({name, QString::fromStdString(engine.address()), {}, nullptr}); }

  ui::Preferences preferences;
  ui::Fleet fleet;
  ui::Session session{fleet, preferences};
  ui::MainWindow window{session};
};

}  // namespace penstock::test
