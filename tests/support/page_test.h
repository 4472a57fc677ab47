#pragma once

// One page of the console over one engine of its own: what every test of a page begins and ends with, and how it finds
// what the page shows. A test class derives from PageTest<ItsPage>, calls begin() in init() and end() in cleanup(),
// and waits in between for what it needs.

#include <QTemporaryDir>
#include <QTest>

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>

#include "support/fake_engine.h"
#include "viewmodels/session.h"
#include "widgets/theme.h"

namespace penstock::test {

// PageType: any widget that is made of a Session.
template <class PageType>
class PageTest : public QObject {
 protected:
  static constexpr int patience = 30'000;       // milliseconds

  // An engine named "uk", and the page shown over it. Nothing has come from the engine yet.
  void begin(FakeEngineOptions options = {}) {
    ui::applyTheme(*qApp, ui::Theme::darkTheme());
    engine_ = std::make_unique<FakeEngine>(options);
    past_ = static_cast<qsizetype>(engine_->commands().size());
    fleet_ = std::make_unique<ui::Fleet>();
    fleet_->add({"uk", QString::fromStdString(engine_->address()), {}, nullptr});
    preferences_ = std::make_unique<ui::Preferences>(folder_.filePath("console.ini"));
    session_ = std::make_unique<ui::Session>(*fleet_, *preferences_);
    page_ = std::make_unique<PageType>(*session_);
    page_->resize(1500, 900);
    page_->QWidget::show();
  }

  // What uses goes before what is used.
  void end() {
    page_.reset();
    session_.reset();
    preferences_.reset();
    fleet_.reset();
    engine_.reset();
  }

  // The visible button of exactly this text; null: there is none.
  QPushButton* button(const QString& text) const {
    return findButton([&](const QPushButton& candidate) { return candidate.text() == text; });
  }
  QPushButton* buttonThatBegins(const QString& start) const {
    return findButton([&](const QPushButton& candidate) { return candidate.text().startsWith(start); });
  }

  // Each visible label, without its markup.
  QStringList shown() const {
    static const QRegularExpression markup("<[^>]*>");
    QStringList texts;
    for (const auto* label : page_->template findChildren<QLabel*>())
      if (label->isVisible()) texts << label->text().remove(markup);
    return texts;
  }
  bool shows(const QString& text) const { return !shown().filter(text).isEmpty(); }

  // What the engine was told to do since the test began.
  QStringList commands() const {
    QStringList all;
    for (const std::string& command : engine_->commands()) all << QString::fromStdString(command);
    return all.mid(past_);
  }

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<ui::Fleet> fleet_;
  std::unique_ptr<ui::Preferences> preferences_;
  std::unique_ptr<ui::Session> session_;
  std::unique_ptr<PageType> page_;

 private:
  template <class Fits>
  QPushButton* findButton(const Fits& fits) const {
    for (auto* candidate : page_->template findChildren<QPushButton*>())
      if (candidate->isVisible() && fits(*candidate)) return candidate;
    return nullptr;
  }

  qsizetype past_ = 0;
};

}  // namespace penstock::test
