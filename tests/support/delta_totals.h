#pragma once

// Rows, distinct keys and sums of a Delta table as delta-rs reads them (tests/peers/delta-check): another program than ours.

#include <QProcess>
#include <QStringList>

#include <nlohmann/json.hpp>

namespace penstock::test {

// {"rows": 5, "distinct A,B": 5, "sum A*B": "12.50"}; {"error": …} when it cannot be read.
inline nlohmann::json delta_totals(const QString& folder, const QStringList& distinct = {}, const QStringList& sums = {}) {
  QStringList arguments = {folder, "--totals"};
  for (const QString& columns : distinct) arguments << "--distinct" << columns;
  for (const QString& columns : sums) arguments << "--sum" << columns;
  QProcess process;
  process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/peers/delta-check", arguments);
  process.waitForFinished(600'000);
  auto found = nlohmann::json::parse(process.readAllStandardOutput().toStdString(), nullptr, false);
  if (process.exitCode() != 0 || !found.is_object()) return {{"error", process.readAllStandardError().toStdString()}};
  return found;
}

}  // namespace penstock::test
