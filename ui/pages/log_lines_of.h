#pragma once

#include "client/records.h"
#include "widgets/log_lines.h"

namespace penstock::ui {

// Log lines of an engine as the LogView takes them.
inline QList<LogLine> logLinesOf(const std::vector<LogEntry>& entries) {
  QList<LogLine> lines;
  lines.reserve(static_cast<qsizetype>(entries.size()));
  for (const LogEntry& entry : entries) {
    const LogLevel level = entry.level == "error"     ? LogLevel::Error
                           : entry.level == "warning" ? LogLevel::Warning
                           : entry.level == "info"    ? LogLevel::Info
                                                      : LogLevel::Debug;
    lines.append({microsOf(entry.at), level, entry.origin, entry.text});
  }
  return lines;
}

}  // namespace penstock::ui
