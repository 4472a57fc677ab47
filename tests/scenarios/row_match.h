#pragma once

// Do these rows match those? An expected row says only the columns that matter; order does not count.

#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include <functional>
#include <vector>

#include "base/iso8601.h"

namespace penstock::test {

// Numbers by value, times as instants, null as NULL, everything else as text.
inline bool same_value(const QJsonValue& expected, const QJsonValue& found) {
  if (expected == found) return true;
  const QString left = expected.toVariant().toString(), right = found.toVariant().toString();
  if (expected.isDouble() || found.isDouble()) {
    bool left_is_number = false, right_is_number = false;
    const double a = left.toDouble(&left_is_number), b = right.toDouble(&right_is_number);
    return left_is_number && right_is_number && a == b;
  }
  if (!expected.isString() || !found.isString()) return false;
  const auto a = parse_iso_time(left.toStdString()), b = parse_iso_time(right.toStdString());
  return a && b && *a == *b;
}

inline bool matches(const QJsonObject& expected, const QJsonObject& found) {
  for (auto column = expected.begin(); column != expected.end(); ++column)
    if (!found.contains(column.key()) || !same_value(column.value(), found[column.key()])) return false;
  return true;
}

// What differs, one line each; empty when every expected row has a found row of its own and none is left. Rows are JSON
// objects. An expected row takes over the row of another one that can have a different one instead.
inline QStringList differences(const QStringList& expected, const QStringList& found) {
  std::vector<QJsonObject> rows;
  for (const QString& row : found) rows.push_back(QJsonDocument::fromJson(row.toUtf8()).object());
  std::vector<QJsonObject> wanted;
  QStringList lines;
  for (const QString& row : expected) {
    QJsonParseError error;
    wanted.push_back(QJsonDocument::fromJson(row.toUtf8(), &error).object());
    if (error.error != QJsonParseError::NoError) lines << "not JSON: " + row;
  }
  std::vector<int> owner(rows.size(), -1);
  std::vector<bool> tried;
  const std::function<bool(int)> place = [&](int want) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (tried[row] || !matches(wanted[static_cast<std::size_t>(want)], rows[row])) continue;
      tried[row] = true;
      if (owner[row] >= 0 && !place(owner[row])) continue;
      owner[row] = want;
      return true;
    }
    return false;
  };
  for (int want = 0; want < expected.size(); ++want) {
    tried.assign(rows.size(), false);
    if (!place(want)) lines << "missing:  " + expected[want];
  }
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (owner[row] < 0) lines << "too many: " + found[static_cast<qsizetype>(row)];
  return lines;
}

}  // namespace penstock::test
