#pragma once

#include <QJsonObject>
#include <QWidget>

class QVBoxLayout;

namespace penstock::ui {

class Button;
class ConnectForm;
class Label;
class Session;

// The first start, and whenever there is no engine: the demo, a folder, or an engine elsewhere, with the recent ones.
class StartPage : public QWidget {
  Q_OBJECT
 public:
  explicit StartPage(Session& session, QWidget* parent = nullptr);

  void refresh();
  void focusFirst();
  void showProblem(const QString& sentence);
  // What is half written in it.
  QJsonObject formState() const;
  void restoreForm(const QJsonObject& state);

 signals:
  void demoRequested();
  void folderRequested(const QString& folder);
  void connectRequested(const QString& address, const QString& tokenFile);

 private:
  QWidget* choice(const QString& title, const QString& hint, QWidget* act);
  void chooseFolder();

  Session& session_;
  Button* demo_;
  ConnectForm* connect_;
  Label* problem_;
  QWidget* recent_;
  QVBoxLayout* recentRows_;
};

}  // namespace penstock::ui
