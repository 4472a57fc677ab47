#pragma once

#include <QPlainTextEdit>

class QCompleter;
class QStandardItemModel;

namespace penstock::ui {

// A field for SQL: keywords and comments told apart, names of tables, steps and columns offered while typing.
class SqlEditor : public QPlainTextEdit {
  Q_OBJECT
 public:
  explicit SqlEditor(QWidget* parent = nullptr);

  // What can be completed: text and what it is ("silver.sales", "table").
  void setNames(const QList<std::pair<QString, QString>>& names);
  // The selection, or all of it.
  QString sql() const;

 signals:
  void runRequested();          // Ctrl+Enter
  void cancelRequested();       // Esc, with nothing to complete

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  QString wordBeforeCursor() const;
  void offer(bool asked);
  void complete(const QString& name);

  QCompleter* completer_;
  QStandardItemModel* names_;
};

}  // namespace penstock::ui
