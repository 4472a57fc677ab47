#include <QTemporaryDir>
#include <QTest>

#include <future>

#include "connectors/webhook/webhook_connector.h"
#include "connectors/webhook/webhook_inbox.h"
#include "support/http_peer.h"
#include "support/loopback_port.h"
#include "support/text_settings.h"

using namespace penstock;
using penstock::test::HttpReply;
using penstock::test::http_post;

class WebhookSourceTest : public QObject {
  Q_OBJECT

  using Headers = std::map<std::string, std::string>;

  std::unique_ptr<QTemporaryDir> root_;
  Connector connector_;
  int port_ = 0;
  std::unique_ptr<Source> source_;
  QStringList taken_;
  std::int64_t committed_ = 0;

  Setting connection() const { return test::text_settings({{"listen", "127.0.0.1:" + std::to_string(port_)}}).root(); }
  Result<std::unique_ptr<Source>> make(const Setting& connection, const Settings& settings = Settings(), const std::string& stream = "sales") {
    return connector_.make_source(Settings(connection), settings, {.stream = stream, .state_dir = root_->filePath(QString::fromStdString(stream)).toStdString()});
  }
  // A life of the stream, which goes on where it has committed.
  void start(const Settings& settings = Settings(), const Setting* other = nullptr) {
    source_.reset();
    auto made = make(other ? *other : connection(), settings);
    QVERIFY2(made.ok(), made.ok() ? "" : made.error().to_string().c_str());
    source_ = std::move(*made);
    QVERIFY(source_->partitions().ok());
    const Status assigned = source_->assign({{.partition = 0, .from = committed_}});
    QVERIFY2(assigned.ok(), assigned.ok() ? "" : assigned.error().to_string().c_str());
  }
  void take(bool commit = true) {
    RawBatch batch;
    QVERIFY(source_->poll(batch, {.wait = std::chrono::milliseconds(5)}, {}).ok());
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      taken_ << QString::number(batch[row].position.offset) + " " + QString::fromUtf8(batch[row].value.data(), qsizetype(batch[row].value.size()));
      if (commit) committed_ = batch[row].position.offset + 1;
    }
    if (commit) source_->committed({{0, committed_}});
  }
  std::future<HttpReply> send(const std::string& body, const Headers& headers = {}, const std::string& path = "/sales") const {
    return std::async(std::launch::async, [=, this] { return http_post(port_, path, body, headers); });
  }
  // The answer, while the stream reads and commits.
  HttpReply answer(std::future<HttpReply> reply) {
    while (reply.wait_for(std::chrono::seconds(0)) != std::future_status::ready) take();
    return reply.get();
  }
  HttpReply post(const std::string& body, const Headers& headers = {}, const std::string& path = "/sales") { return answer(send(body, headers, path)); }

 private slots:
  void init() {
    root_ = std::make_unique<QTemporaryDir>();
    connector_ = webhook_connector();
    port_ = test::free_loopback_port();
    taken_.clear();
    committed_ = 0;
  }
  void cleanup() { source_.reset(); }

  void recordsAreReadInTheOrderInWhichTheyCame() {
    start();
    QCOMPARE(post("[{\"id\":1},{\"id\":2}]").body, std::string("{\"accepted\":2}"));
    QCOMPARE(post("{\"id\":3}\n{\"id\":4}", {{"Content-Type", "application/x-ndjson"}}).status, 200);
    QCOMPARE(post("").body, std::string("{\"accepted\":0}"));
    QCOMPARE(taken_, (QStringList{"0 {\"id\":1}", "1 {\"id\":2}", "2 {\"id\":3}", "3 {\"id\":4}"}));
    QCOMPARE(QString::fromStdString(source_->name()), QString("/sales"));
  }

  // The sender hears of success only when the records cannot be lost any more.
  void aRequestIsAnsweredWhenItsRecordsAreDurable() {
    start();
    auto reply = send("{\"id\":1}");
    while (taken_.isEmpty()) take(false);
    QVERIFY(reply.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout);
    source_->committed({{0, 1}});
    QCOMPARE(reply.get().status, 200);
  }
  void whatIsNotDurableInTimeIsToBeAskedForAgain() {
    start(test::text_settings({{"answer_within", "50ms"}}));
    const HttpReply late = send("{\"id\":1}", {{"Idempotency-Key", "a"}}).get();
    QCOMPARE(late.status, 503);
    QCOMPARE(late.headers.at("Retry-After"), std::string("1"));
    while (taken_.isEmpty()) take();
    QCOMPARE(post("{\"id\":1}", {{"Idempotency-Key", "a"}}).status, 200);
    take();
    QCOMPARE(taken_, QStringList{"0 {\"id\":1}"});
  }

  void aRepeatedKeyIsAnsweredAsBeforeAndBringsNothing() {
    start();
    const HttpReply first = post("[{\"id\":1},{\"id\":2}]", {{"Idempotency-Key", "a b"}});
    for (int life = 0; life < 2; ++life) {
      const HttpReply again = post("[{\"id\":1},{\"id\":2}]", {{"Idempotency-Key", "a b"}});
      QCOMPARE(again.status, first.status);
      QCOMPARE(again.body, first.body);
      QCOMPARE(post("{\"id\":9}", {{"Idempotency-Key", "a b"}}).status, 422);
      start();
    }
    QCOMPARE(taken_.size(), 2);
  }
  // Killed when the records were kept and nobody had been answered.
  void whatWasKeptIsReadAfterARestart() {
    start();
    auto reply = send("{\"id\":1}", {{"Idempotency-Key", "a"}});
    while (taken_.isEmpty()) take(false);
    source_.reset();
    QCOMPARE(reply.get().status, 503);
    taken_.clear();
    start();
    QCOMPARE(post("{\"id\":1}", {{"Idempotency-Key", "a"}}).status, 200);
    QCOMPARE(taken_, QStringList{"0 {\"id\":1}"});
  }
  // The log lets go of what is durable, and the keys stay.
  void keysOutliveTheLog() {
    ManualClock clock(from_micros(1'000'000'000'000));
    const std::string folder = root_->filePath("keys").toStdString();
    const auto open = [&] { return webhook::Inbox::open({.folder = folder, .answer_within = std::chrono::milliseconds(0), .remember = std::chrono::hours(1), .remember_most = 30}, clock).value(); };
    auto inbox = open();
    const std::string large(1 << 20, ' ');
    for (int i = 0; i < 40; ++i) QCOMPARE(inbox->deliver({"key " + std::to_string(i), "", "{\"id\":" + std::to_string(i) + ",\"text\":\"" + large + "\"}"}).status, 503);
    inbox->committed(40);
    clock.advance(std::chrono::seconds(2));
    QCOMPARE(inbox->deliver({"", "", "{}"}).status, 503);
    QCOMPARE(inbox->begin(), 0);
    inbox->committed(41);
    QVERIFY(inbox->begin() > 0);
    inbox.reset();
    inbox = open();
    QVERIFY(inbox->go_on_from(41).ok());
    // The first ten are beyond the thirty that are remembered, which shows when the next one comes.
    const auto again = [&](int i) { return inbox->deliver({"key " + std::to_string(i), "", "{\"id\":" + std::to_string(i) + ",\"text\":\"" + large + "\"}"}).status; };
    QCOMPARE(again(39), 200);
    QCOMPARE(again(11), 200);
    QCOMPARE(again(0), 503);
    clock.advance(std::chrono::hours(2));
    QCOMPARE(again(39), 503);
  }

  void tooMuchIsTurnedAway() {
    start(test::text_settings({{"queue", "20B"}, {"body_max", "30B"}}));
    auto first = send("{\"id\":1,\"text\":\"long\"}");
    while (taken_.isEmpty()) take(false);
    const HttpReply second = send("{\"id\":2}").get();
    QCOMPARE(second.status, 429);
    QCOMPARE(second.headers.at("Retry-After"), std::string("1"));
    QCOMPARE(send(std::string(31, ' ')).get().status, 413);
    source_->committed({{0, 1}});
    QCOMPARE(first.get().status, 200);
    committed_ = 1;
    QCOMPARE(post("{\"id\":2}").status, 200);
  }
  void tooManyAtATimeAreTurnedAway() {
    start(test::text_settings({{"requests", "1"}}));
    auto first = send("{\"id\":1}");
    while (taken_.isEmpty()) take(false);
    QCOMPARE(send("{\"id\":2}").get().status, 429);
    source_->committed({{0, 1}});
    QCOMPARE(first.get().status, 200);
  }
  void aBodyThatCannotBeSplitIsKeptWholeAndRefused() {
    start();
    const HttpReply refused = post("[{\"id\":1},", {{"Idempotency-Key", "a"}});
    QCOMPARE(refused.status, 400);
    QVERIFY(refused.body.find("the array does not end") != std::string::npos);
    QCOMPARE(post("[{\"id\":1},", {{"Idempotency-Key", "a"}}).status, 400);
    QCOMPARE(taken_, QStringList{"0 [{\"id\":1},"});
  }
  // Which is read to its end: the sender's next request on this connection is not what was left of it.
  void aFormIsABodyLikeAnyOther_data() {
    QTest::addColumn<QString>("type");
    QTest::newRow("with a boundary") << "multipart/form-data; boundary=x";
    QTest::newRow("without") << "multipart/form-data";
    QTest::newRow("of a page") << "application/x-www-form-urlencoded";
  }
  void aFormIsABodyLikeAnyOther() {
    QFETCH(QString, type);
    start(test::text_settings({{"body", "whole"}}));
    const std::string form = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n7\r\n--x--\r\n";
    QCOMPARE(post(form, {{"Content-Type", type.toStdString()}}).body, std::string("{\"accepted\":1}"));
    QCOMPARE(taken_, QStringList{"0 " + QString::fromStdString(form)});
  }

  void onlyWhoIsKnownIsHeard() {
    Setting secured = connection(), auth{.kind = Setting::Kind::map}, hmac{.kind = Setting::Kind::map};
    hmac.entries = {{"secret", {.kind = Setting::Kind::text, .text = "Jefe"}}, {"header", {.kind = Setting::Kind::text, .text = "X-Signature"}}};
    auth.entries = {{"bearer", {.kind = Setting::Kind::text, .text = "t0ken"}}, {"hmac", hmac}};
    secured.entries.push_back({"auth", auth});
    start(test::text_settings({{"body", "whole"}}), &secured);
    const std::string text = "what do ya want for nothing?", mac = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    QCOMPARE(post(text).status, 401);
    QCOMPARE(post(text, {{"Authorization", "Bearer t0ken"}}).status, 401);
    QCOMPARE(post(text, {{"Authorization", "Bearer other"}, {"X-Signature", mac}}).status, 401);
    QCOMPARE(post(text + "!", {{"Authorization", "Bearer t0ken"}, {"X-Signature", mac}}).status, 401);
    QCOMPARE(post(text, {{"Authorization", "Bearer t0ken"}, {"X-Signature", mac}}).status, 200);
    QCOMPARE(taken_.size(), 1);
    Setting open = connection();
    auth.entries = {{"bearer", {.kind = Setting::Kind::text, .text = ""}}};
    open.entries.push_back({"auth", auth});
    QVERIFY(!make(open).ok());
  }
  // What a request shows is in no record of it.
  void credentialsAreKeptNowhere() {
    start();
    auto reply = send("{\"id\":1}", {{"Authorization", "Bearer t0p-secret"}, {"Idempotency-Key", "a"}});
    RawBatch batch;
    while (batch.rows() == 0) QVERIFY(source_->poll(batch, {.wait = std::chrono::milliseconds(5)}, {}).ok());
    QCOMPARE(std::string(batch[0].headers), std::string("{\"idempotency-key\":\"a\",\"content-type\":\"application/json\"}"));
    source_->committed({{0, 1}});
    QCOMPARE(reply.get().status, 200);
  }

  void streamsShareAnAddressByTheirPaths() {
    start();
    auto other = make(connection(), test::text_settings({{"path", "/other"}}), "other");
    QVERIFY(other.ok() && (*other)->partitions().ok() && (*other)->assign({{.partition = 0}}).ok());
    auto reply = send("{\"id\":1}", {}, "/other");
    RawBatch batch;
    while (batch.rows() == 0) QVERIFY((*other)->poll(batch, {.wait = std::chrono::milliseconds(5)}, {}).ok());
    (*other)->committed({{0, 1}});
    QCOMPARE(reply.get().status, 200);
    QCOMPARE(post("{\"id\":1}", {}, "/nowhere").status, 404);
    auto same = make(connection(), Settings(), "third");
    QVERIFY(same.ok());
    auto taken = make(connection(), test::text_settings({{"path", "/other"}}), "third");
    QCOMPARE((*taken)->assign({{.partition = 0}}).error().kind, ErrorKind::already_exists);
    other->reset();
    QCOMPARE(post("{\"id\":1}", {}, "/other").status, 404);
    QCOMPARE(post("{\"id\":1}").status, 200);
  }
  void anAddressOfAnotherProcessIsWaitedFor() {
    test::HttpPeer elsewhere;
    port_ = elsewhere.port();
    auto made = make(connection());
    QVERIFY(made.ok());
    QCOMPARE((*made)->assign({{.partition = 0}}).error().kind, ErrorKind::unavailable);
  }
};

QTEST_GUILESS_MAIN(WebhookSourceTest)
#include "webhook_source_test.moc"
