#include <QRandomGenerator>
#include <QTest>

#include <atomic>
#include <thread>

#include "e2e/endless_stream.h"
#include "e2e/stream_lives.h"
#include "support/http_peer.h"
#include "support/loopback_port.h"

namespace penstock::e2e {

// Senders that repeat a request under its key until it is answered, and a stream that is killed meanwhile: each record is there
// once, and none that was answered is lost.
class WebhookDeliveryTest : public QObject {
  Q_OBJECT

  static constexpr int kSenders = 4, kRequests = 60, kRecords = 5;

  std::unique_ptr<EndlessStream> stream_;
  int port_ = 0;

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
    const bool same = QTest::qWaitFor([&] { return (found = stream_->rows("count(*), count(DISTINCT id), min(id), max(id)")) == QStringList(expected); }, 60'000);
    QVERIFY2(same, qPrintable(found.join(' ')));
    child->kill();
    child->waitForFinished();
  }

 private slots:
  void init() {
    qputenv("PENSTOCK_TEST_TOKEN", "t0ken");
    port_ = test::free_loopback_port();
    stream_ = std::make_unique<EndlessStream>("webhook: { connection: door, path: /hook, requests: 3, contract: contracts/row.json }",
                                              "door: { webhook: { listen: \"127.0.0.1:" + std::to_string(port_) + "\", auth: { bearer: \"${env:PENSTOCK_TEST_TOKEN}\" } } }\n");
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
      return stream_->start();
    }, stream_->start(point));
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
        child = stream_->start();
      }
      return child;
    }, stream_->start());
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::WebhookDeliveryTest)
#include "webhook_delivery_test.moc"
