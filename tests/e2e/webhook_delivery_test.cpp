#include <QDir>
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <fstream>
#include <thread>

#include "e2e/stream_lives.h"
#include "support/http_peer.h"
#include "support/loopback_port.h"

namespace penstock::e2e {

// Senders that repeat a request under its key until it is answered, and a stream that is killed meanwhile: each record is there
// once, and none that was answered is lost.
class WebhookDeliveryTest : public QObject {
  Q_OBJECT

  static constexpr int kSenders = 4, kRequests = 60, kRecords = 5;

  std::unique_ptr<QTemporaryDir> folder_;
  int port_ = 0;

  void write(const char* file, const std::string& text) {
    const QString path = folder_->filePath(QString("workspace/") + file);
    QDir().mkpath(QFileInfo(path).path());
    std::ofstream(path.toStdString()) << text;
  }
  QStringList ask(const QString& sql) const {
    QProcess process;
    process.start("sqlite3", {"-readonly", folder_->filePath("tables/files/hook.db"), sql});
    process.waitForFinished();
    return QString::fromUtf8(process.readAllStandardOutput()).split('\n', Qt::SkipEmptyParts);
  }
  std::unique_ptr<QProcess> start(const QString& crash_at = {}) {
    auto child = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!crash_at.isEmpty()) environment.insert("PENSTOCK_CRASH_AT", crash_at);
    child->setProcessEnvironment(environment);
    child->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    child->start(STREAM_CHILD, {folder_->filePath("workspace"), folder_->filePath("state"), folder_->filePath("tables")});
    child->waitForStarted();
    return child;
  }
  // Until every request was answered 200, whoever answers.
  std::vector<std::thread> send_all(std::atomic<int>& answered, std::atomic<bool>& stop) const {
    std::vector<std::thread> senders;
    for (int sender = 0; sender < kSenders; ++sender)
      senders.emplace_back([this, sender, &answered, &stop] {
        for (int request = 0; request < kRequests && !stop; ++request) {
          std::string body = "[";
          for (int record = 0; record < kRecords; ++record)
            body += std::string(record ? "," : "") + "{\"id\":" + std::to_string((sender * kRequests + request) * kRecords + record) + "}";
          const std::string key = std::to_string(sender) + "-" + std::to_string(request);
          while (!stop && test::http_post(port_, "/hook", body + "]", {{"Idempotency-Key", key}, {"Authorization", "Bearer t0ken"}}).status != 200) std::this_thread::yield();
          ++answered;
        }
      });
    return senders;
  }
  void check(const std::function<std::unique_ptr<QProcess>(std::unique_ptr<QProcess>)>& disturb, std::unique_ptr<QProcess> child) {
    std::atomic<int> answered = 0;
    std::atomic<bool> stop = false;
    std::vector<std::thread> senders = send_all(answered, stop);
    child = disturb(std::move(child));
    const bool all = QTest::qWaitFor([&] { return answered == kSenders * kRequests; }, 120'000);
    stop = !all;
    for (std::thread& sender : senders) sender.join();
    QVERIFY2(all, "not all requests were answered");
    const QString expected = QString("%1|%1|0|%2").arg(kSenders * kRequests * kRecords).arg(kSenders * kRequests * kRecords - 1);
    QStringList found;
    const bool same = QTest::qWaitFor([&] { return (found = ask("SELECT count(*), count(DISTINCT id), min(id), max(id) FROM hook")) == QStringList(expected); }, 60'000);
    QVERIFY2(same, qPrintable(found.join(' ')));
    child->kill();
    child->waitForFinished();
  }

 private slots:
  void init() {
    qputenv("PENSTOCK_TEST_TOKEN", "t0ken");
    folder_ = std::make_unique<QTemporaryDir>();
    port_ = test::free_loopback_port();
    write("penstock.yaml", "workspace: hooks\n");
    write("connections.yaml", "door: { webhook: { listen: \"127.0.0.1:" + std::to_string(port_) + "\", auth: { bearer: \"${env:PENSTOCK_TEST_TOKEN}\" } } }\n");
    write("contracts/hook.json", R"({"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]})");
    write("pipelines/hook.yaml",
          "stream: hook\nsource:\n  webhook: { connection: door, contract: contracts/hook.json, requests: 3 }\nflush: 1ms\n"
          "steps:\n  bronze: { land: bronze.hook }\n  silver: { sql: SELECT id FROM bronze }\n"
          "sinks:\n  - { from: silver, sqlite: { path: files/hook.db, table: hook } }\n");
  }

  void killed_at_a_named_point_no_record_is_lost_or_doubled_data() {
    QTest::addColumn<QString>("point");
    for (const char* point : {"record_log.after_append", "webhook.after_append", "epoch.before_commit", "epoch.after_commit", "webhook.before_answer", "sqlite.after_commit"})
      for (const int pass : {1, 7}) QTest::addRow("%s, pass %d", point, pass) << QString("%1:%2").arg(point).arg(pass);
  }
  void killed_at_a_named_point_no_record_is_lost_or_doubled() {
    QFETCH(QString, point);
    bool reached = false;
    check([&](std::unique_ptr<QProcess> child) {
      reached = child->waitForFinished(60'000) && child->exitStatus() == QProcess::CrashExit;
      return start();
    }, start(point));
    QVERIFY2(reached, "the point was not reached");
  }

  void killed_at_random_moments_no_record_is_lost_or_doubled_data() { add_crash_seeds(); }
  void killed_at_random_moments_no_record_is_lost_or_doubled() {
    QFETCH(quint32, seed);
    QRandomGenerator random(seed);
    check([&](std::unique_ptr<QProcess> child) {
      for (int life = 0; life < 3; ++life) {
        child->waitForFinished(random.bounded(200, 1200));
        child->kill();
        child->waitForFinished();
        child = start();
      }
      return child;
    }, start());
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::WebhookDeliveryTest)
#include "webhook_delivery_test.moc"
