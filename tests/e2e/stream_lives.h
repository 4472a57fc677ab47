#pragma once

// A stream in a process of its own (tests/support/stream_child.cpp) that is killed at named points or at any moment, and
// started again.

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>

namespace penstock::e2e {

class StreamLives {
 public:
  static constexpr int kRows = 24'000;       // in twelve epochs

  // `outputs` is what follows the first lines of the pipeline: more steps, or its sinks.
  StreamLives(const QString& outputs, const QString& connections = {}) {
    QDir().mkpath(folder_.path() + "/workspace/pipelines");
    QDir().mkpath(folder_.path() + "/workspace/contracts");
    const QString minimal = qEnvironmentVariable("PENSTOCK_SOURCE") + "/resources/workspaces/minimal";
    QFile::copy(minimal + "/contracts/pos_sale.avsc", folder_.path() + "/workspace/contracts/pos_sale.avsc");
    write("penstock.yaml", "workspace: crash\n");
    write("connections.yaml", connections);
    // An outbox that is always full: no epoch begins before the last one was delivered, so each is a delivery of its own.
    write("pipelines/sales.yaml",
          "stream: sales\n"
          "source:\n"
          "  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 1, rate: 2000, partitions: 2, diurnal: false,\n"
          "              start_at: \"2026-01-01T00:00:00Z\", limit: " + QString::number(kRows) + " }\n"
          "flush: 1ms\n"
          "outbox: 1B\n"
          "steps:\n"
          "  bronze: { land: bronze.sales }\n"
          "  silver:\n"
          "    sql: SELECT event_id, store_id, sku, qty, sold_at FROM bronze\n"
          "    dedupe: { key: event_id, within: 10m }\n" + outputs);
  }

  enum class To { stream, replay };

  // One life: true when it came to its end. `crash_at` ("point:pass") kills it there.
  bool live(const QString& crash_at = {}, To to = To::stream, int kill_after_ms = -1) {
    QProcess child;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!crash_at.isEmpty()) environment.insert("PENSTOCK_CRASH_AT", crash_at);
    child.setProcessEnvironment(environment);
    child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    child.start(STREAM_CHILD, arguments(to));
    if (!child.waitForStarted(30'000)) return false;
    if (kill_after_ms >= 0 && !child.waitForFinished(kill_after_ms)) child.kill();
    if (child.state() != QProcess::NotRunning && !child.waitForFinished(240'000)) {
      qWarning("the child does not end");
      child.kill();
      child.waitForFinished();
      return false;
    }
    return child.exitStatus() == QProcess::NormalExit && child.exitCode() == 0;
  }

  QStringList arguments(To to) const {
    QStringList arguments = {folder_.path() + "/workspace", folder_.path() + "/state", tables()};
    if (to == To::replay) arguments << "replay";
    return arguments;
  }
  QString tables() const { return folder_.path() + "/tables"; }

 private:
  void write(const char* file, const QString& text) {
    std::ofstream((folder_.path() + "/workspace/" + file).toStdString()) << text.toStdString();
  }

  QTemporaryDir folder_;
};

// Rows of one column `seed`. PENSTOCK_CRASH_SEED replays one; PENSTOCK_CRASH_RUNS asks for more than twelve.
inline void add_crash_seeds() {
  QTest::addColumn<quint32>("seed");
  const QString one = qEnvironmentVariable("PENSTOCK_CRASH_SEED");
  const int runs = qEnvironmentVariableIntValue("PENSTOCK_CRASH_RUNS");
  const quint32 first = one.isEmpty() ? 20261121u : one.toUInt();
  for (quint32 i = 0; i < quint32(one.isEmpty() ? (runs > 0 ? runs : 12) : 1); ++i) QTest::addRow("seed %u", first + i) << first + i;
}

}  // namespace penstock::e2e
