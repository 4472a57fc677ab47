#include <QRandomGenerator>
#include <QTest>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "e2e/stream_lives.h"
#include "support/http_peer.h"

namespace penstock::e2e {

using Json = nlohmann::json;
using test::HttpPeer;
using test::HttpReply;
using test::HttpRequest;

// What a peer over HTTP gets of a stream that is killed and started again: every row, and whatever comes twice comes under the
// same key with the same bytes. A peer that honours the key so has each row once.
class HttpDeliveryTest : public QObject {
  Q_OBJECT

  QStringList expected_;

  static std::unique_ptr<StreamLives> make_stream(const HttpPeer& peer) {
    return std::make_unique<StreamLives>("sinks:\n  - { from: silver, http: { connection: push, path: /sales, batch: 300 } }\n",
                                         "push: { http: { url: \"" + QString::fromStdString(peer.url()) + "\", auth: { bearer: \"${env:PENSTOCK_TEST_TOKEN}\" } } }\n");
  }
  // The rows of a peer that honours keys, with those that it refused left out.
  static QStringList rows_once(const std::vector<HttpRequest>& requests, const std::function<bool(const HttpRequest&)>& refused = {}) {
    std::set<std::string> seen;
    QStringList rows;
    for (const HttpRequest& request : requests) {
      if ((refused && refused(request)) || !seen.insert(request.key).second) continue;
      for (const Json& row : Json::parse(request.body)) rows << QString::fromStdString(row.dump());
    }
    rows.sort();
    return rows;
  }
  static void every_key_means_the_same_bytes(const std::vector<HttpRequest>& requests) {
    std::map<std::string, std::string> bodies;
    for (const HttpRequest& request : requests) {
      QVERIFY(!request.key.empty());
      QCOMPARE(request.headers.at("authorization"), std::string("Bearer t0ken"));
      QCOMPARE(request.body, bodies.emplace(request.key, request.body).first->second);
    }
  }

 private slots:
  void initTestCase() {
    qputenv("PENSTOCK_TEST_TOKEN", "t0ken");
    HttpPeer peer;
    const auto undisturbed = make_stream(peer);
    QVERIFY(undisturbed->live());
    expected_ = rows_once(peer.requests());
    QVERIFY(expected_.size() > StreamLives::kRows - 1000);
    QCOMPARE(QStringList(expected_.begin(), std::unique(expected_.begin(), expected_.end())).size(), expected_.size());
  }

  void every_crash_point_leaves_the_same_rows_data() {
    QTest::addColumn<QString>("point");
    for (const char* point : {"delivery.before", "http.after_note", "http.before_send", "http.after_answer", "http.after_batch", "http.after_done", "delivery.after", "delivery.trimmed"})
      for (const int pass : {1, 6}) QTest::addRow("%s, pass %d", point, pass) << QString("%1:%2").arg(point).arg(pass);
  }
  void every_crash_point_leaves_the_same_rows() {
    QFETCH(QString, point);
    HttpPeer peer;
    const auto lives = make_stream(peer);
    QVERIFY2(!lives->live(point), "the point was not reached");
    QVERIFY(lives->live());
    every_key_means_the_same_bytes(peer.requests());
    QCOMPARE(rows_once(peer.requests()), expected_);
  }

  // Between two kills also a row is refused: it is left out alone, and no other batch gets other bounds.
  void random_kills_leave_the_same_rows_data() { add_crash_seeds(); }
  void random_kills_leave_the_same_rows() {
    QFETCH(quint32, seed);
    QRandomGenerator random(seed);
    const std::string bad = Json::parse(expected_[random.bounded(expected_.size())].toStdString())["event_id"];
    const auto refuses = [bad](const HttpRequest& request) { return request.body.find("\"" + bad + "\"") != std::string::npos; };
    HttpPeer peer([=](const HttpRequest& request) { return refuses(request) ? HttpReply{.status = 422, .body = "no"} : HttpReply(); });
    const auto lives = make_stream(peer);
    for (int life = 0; life < 4; ++life)
      if (lives->live({}, StreamLives::To::stream, random.bounded(100, 3000))) break;
    QVERIFY(lives->live());
    every_key_means_the_same_bytes(peer.requests());
    const QStringList expected = expected_.filter(QRegularExpression("^(?!.*\"" + QString::fromStdString(bad) + "\")"));
    QVERIFY(expected.size() < expected_.size());
    QCOMPARE(rows_once(peer.requests(), refuses), expected);
  }

  void a_peer_that_is_busy_gets_everything_later() {
    int busy = 0;
    HttpPeer peer([&](const HttpRequest&) { return ++busy % 5 == 1 ? HttpReply{.status = 503, .headers = {{"Retry-After", "1"}}} : HttpReply(); });
    const auto lives = make_stream(peer);
    QVERIFY(lives->live());
    every_key_means_the_same_bytes(peer.requests());
    QCOMPARE(rows_once(peer.requests()), expected_);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::HttpDeliveryTest)
#include "http_delivery_test.moc"
