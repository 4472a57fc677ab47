#pragma once

#include <optional>
#include <QJsonObject>
#include <QWidget>

class QLineEdit;

namespace penstock::ui {

class Button;
class Label;

// "host:port" and, where the engine wants one, the file that holds the token.
class ConnectForm : public QWidget {
  Q_OBJECT
 public:
  explicit ConnectForm(QWidget* parent = nullptr);

  void showProblem(const QString& sentence);
  QWidget* firstField() const;
  // What is half written.
  QJsonObject state() const;
  void restore(const QJsonObject& state);

 signals:
  void connectRequested(const QString& address, const QString& tokenFile);

 private:
  void submit();

  QLineEdit* address_;
  QLineEdit* tokenFile_;
  Button* connect_;
  Label* problem_;
};

// The token in that file, without the line end. Empty path: empty token. An unreadable file gives nullopt.
std::optional<QString> readToken(const QString& path);

}  // namespace penstock::ui
