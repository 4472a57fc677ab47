#pragma once

#include <QWidget>

#include "widgets/log_lines.h"

class QComboBox;
class QLineEdit;

namespace penstock::ui {

class Button;
class Label;
class LogCanvas;

// A log that can be followed, searched and filtered. Enter and Shift+Enter in the search field go to the next and the
// previous match; "Only matches" turns the search into a filter.
class LogView final : public QWidget {
  Q_OBJECT

 public:
  explicit LogView(QWidget* parent = nullptr);

  void append(const QList<LogLine>& lines);
  void clear();
  void setLocalTime(bool local);
  // Says why there are no lines, while there are none.
  void setEmptyText(const QString& text);

  LogCanvas* canvas() const { return canvas_; }

 private:
  void applyFilter();
  void showCounts();

  QLineEdit* search_;
  Button* onlyMatches_;
  QComboBox* level_;
  Button* follow_;
  Label* counts_;
  LogCanvas* canvas_;
  QString emptyText_;
};

}  // namespace penstock::ui
