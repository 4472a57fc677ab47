#pragma once

// Numbers, sizes and times as the console writes them. Pure functions; English digits grouping on every system, so
// that a screenshot means the same to everyone.

#include <optional>
#include <QString>

#include "client/rows.h"
#include "client/time.h"

namespace penstock::ui {

inline const QString noValue = QStringLiteral("–");

QString grouped(qint64 number);                         // "182,400"
QString rate(double rowsPerSecond);                     // "12,480", below ten "2.5"
QString shortNumber(double number);                     // "12.5k", "1.1 M"
QString percent(double fraction);                       // "3.1 %", "0.02 %"
QString bytes(qint64 count);                            // "212 MB"
QString duration(Micros span);                          // "4 m 12 s", "0.2 s", "11 m"
QString duration(std::optional<Micros> span);           // unknown: "–"
QString milliseconds(Micros span);                      // "64", "0.4": the unit stands in the header
QString p50AndP99(Micros p50, Micros p99);              // "1 / 4 ms", "9 ms / 20 s": short enough to stand on an edge
QString counted(qint64 count, const QString& one, const QString& many);    // "1 row", "1,204 rows"
QString cellText(const QVariant& cell);                 // of a table of rows; NULL is "NULL"

// In which zone times are written; the other one stands in the tooltip.
enum class TimeZone { Utc, Local };

QString timeOfDay(Instant at, TimeZone zone);           // "14:32:07"
QString dateAndTime(Instant at, TimeZone zone);         // "2026-11-21 14:32:07.000 UTC"
QString zoneName(TimeZone zone, Instant at);            // "UTC", "CET"
QString bothZones(Instant at);                          // for tooltips

}  // namespace penstock::ui
