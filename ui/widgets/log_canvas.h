#pragma once

#include <QAbstractScrollArea>

#include "widgets/log_lines.h"

namespace penstock::ui {

// The lines of a LogView: paints only those in sight, so that it costs the same with 10 lines or 200,000.
class LogCanvas final : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit LogCanvas(QWidget* parent = nullptr);

  const LogLines& lines() const { return lines_; }
  void append(const QList<LogLine>& lines);
  void clear();
  void setFilter(LogLevel level, const QString& text);
  // Marks `text` wherever it is in sight.
  void setMarked(const QString& text);
  // Goes to the next match; false if there is none.
  bool findNext(bool forward);

  // While it follows, the newest line stays in sight.
  bool follows() const { return follows_; }
  void setFollows(bool follows);

  void setLocalTime(bool local);

 signals:
  void followsChanged(bool follows);
  void changed();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  void fitScrollBars();
  void onScrolled(int value);
  void select(qsizetype line, bool extend);
  void copy() const;
  qsizetype lineAt(int y) const;
  QString timeOf(const LogLine& line) const;

  LogLines lines_;
  QString marked_;
  bool follows_ = true;
  bool scrollingItself_ = false;
  bool localTime_ = false;
  qsizetype anchor_ = -1;   // selection, visible indexes
  qsizetype current_ = -1;
  int widest_ = 0;          // characters of the longest line seen
};

}  // namespace penstock::ui
