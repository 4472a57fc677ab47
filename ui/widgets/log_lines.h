#pragma once

#include <QList>
#include <QString>

#include <deque>

namespace penstock::ui {

enum class LogLevel { Debug, Info, Warning, Error };

struct LogLine {
  qint64 at = 0;  // microseconds since the epoch, UTC
  LogLevel level = LogLevel::Info;
  QString source;  // pod or engine
  QString text;
};

// The newest lines of a log, and which of them a filter lets through. At most `capacity` are kept. UI thread only.
class LogLines {
 public:
  explicit LogLines(qsizetype capacity = 200'000) : capacity_(capacity) {}

  // Returns how many visible lines fell out at the front.
  qsizetype append(const QList<LogLine>& lines);
  void clear();

  // Lines at `level` or above whose text or source contains `text`, case-insensitively; an empty text lets all through.
  void setFilter(LogLevel level, const QString& text);

  qsizetype total() const { return static_cast<qsizetype>(lines_.size()); }
  qsizetype visible() const { return static_cast<qsizetype>(shown_.size()); }
  // `index` counts visible lines, oldest first.
  const LogLine& at(qsizetype index) const { return lines_[static_cast<std::size_t>(shown_[static_cast<std::size_t>(index)] - first_)]; }

  // The next visible line after (or before) `from` that contains `text`; -1 if none. Wraps around.
  qsizetype find(const QString& text, qsizetype from, bool forward) const;

 private:
  bool passes(const LogLine& line) const;

  const qsizetype capacity_;
  std::deque<LogLine> lines_;
  std::deque<qint64> shown_;  // numbers of lines, counted from the first one ever
  qint64 first_ = 0;          // number of lines_.front()
  LogLevel level_ = LogLevel::Debug;
  QString filter_;
};

}  // namespace penstock::ui
