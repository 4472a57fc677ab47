#pragma once

#include <QHash>
#include <QMainWindow>
#include <QTimer>

class QStackedWidget;
class QVBoxLayout;

namespace penstock::ui {

class CloseBar;
class DemoSteps;
class Keyboard;
class KeysHelp;
struct Link;
class NavRail;
class Page;
class Palette;
class Session;
class StartPage;
class StatusBand;
class TopBar;

// The window: top bar, rail, the pages, and the line at the bottom. Pages are made when they are first opened; where one
// was, and how the window stood, survives a restart.
class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(Session& session, QWidget* parent = nullptr);
  ~MainWindow() override;

  // Shows that view; an unknown page is ignored.
  void open(const penstock::ui::Link& link);
  Page* page(const QString& id);
  QString currentPage() const { return current_; }
  // The panel with the demo's four steps.
  void showDemoSteps();
  // "Open a folder" or "Demo" did not work: the first-start page says why.
  void showOpeningProblem(const QString& sentence);
  // Whether closing has to ask, because streams would be left alone.
  void setAsksBeforeClosing(bool asks) { asksBeforeClosing_ = asks; }
  // The answer has been carried out.
  void closeNow();

 signals:
  void demoRequested();
  void folderRequested(const QString& folder);
  void connectRequested(const QString& address, const QString& tokenFile);
  // The operator's answer to closing while streams run.
  void keepRunningRequested();
  void drainRequested();

 protected:
  void closeEvent(QCloseEvent* event) override;

 private:
  void buildChrome();
  void connectKeyboard();
  void showWork();
  void showStartOrPages();
  void saveLayout();

  Session& session_;
  TopBar* top_;
  NavRail* rail_;
  QStackedWidget* stack_;
  StatusBand* status_;
  StartPage* start_;
  CloseBar* closing_;
  QVBoxLayout* column_;
  DemoSteps* demo_ = nullptr;
  Palette* palette_;
  KeysHelp* keys_;
  Keyboard* keyboard_;
  QHash<QString, Page*> pages_;
  QString current_;
  bool asksBeforeClosing_ = false;
  bool closesNow_ = false;
  QTimer working_;
  QTimer saving_;
};

}  // namespace penstock::ui
