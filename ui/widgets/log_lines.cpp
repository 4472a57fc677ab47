#include "widgets/log_lines.h"

namespace penstock::ui {

bool LogLines::passes(const LogLine& line) const {
  return line.level >= level_ && (filter_.isEmpty() || line.text.contains(filter_, Qt::CaseInsensitive) ||
                                  line.source.contains(filter_, Qt::CaseInsensitive));
}

qsizetype LogLines::append(const QList<LogLine>& lines) {
  for (const LogLine& line : lines) {
    if (passes(line)) shown_.push_back(first_ + total());
    lines_.push_back(line);
  }
  while (total() > capacity_) {
    lines_.pop_front();
    ++first_;
  }
  qsizetype dropped = 0;
  while (!shown_.empty() && shown_.front() < first_) {
    shown_.pop_front();
    ++dropped;
  }
  return dropped;
}

void LogLines::clear() {
  first_ += total();
  lines_.clear();
  shown_.clear();
}

void LogLines::setFilter(LogLevel level, const QString& text) {
  level_ = level;
  filter_ = text;
  shown_.clear();
  for (qsizetype i = 0; i < total(); ++i)
    if (passes(lines_[static_cast<std::size_t>(i)])) shown_.push_back(first_ + i);
}

qsizetype LogLines::find(const QString& text, qsizetype from, bool forward) const {
  if (text.isEmpty()) return -1;
  const qsizetype count = visible();
  for (qsizetype step = 1; step <= count; ++step) {
    const qsizetype index = ((from + (forward ? step : -step)) % count + count) % count;
    if (at(index).text.contains(text, Qt::CaseInsensitive)) return index;
  }
  return -1;
}

}  // namespace penstock::ui
