#include "connectors/http/http_sink.h"

#include <QTest>

#include <set>

#include "backend/sql/rows.h"
#include "connectors/http/http_connector.h"
#include "io/scalar_text.h"
#include "support/http_peer.h"
#include "support/loopback_port.h"
#include "support/memory_notes.h"
#include "support/text_settings.h"

using namespace penstock;
using penstock::test::HttpPeer;
using penstock::test::HttpReply;
using penstock::test::HttpRequest;
using penstock::test::make_batch;
using penstock::test::make_schema;
using penstock::test::MemoryNotes;

namespace {

const SchemaPtr kRows = make_schema({{"id", {TypeKind::int64}}, {"sku", {TypeKind::varchar}}});
const SchemaPtr kChanges = make_schema({{"id", {TypeKind::int64}}, {"_op", {TypeKind::varchar}}});
const Marker kMarker{.state_id = "s1", .sink = "silver.http./push", .shard = 0, .stream = "sales"};

// The ids first … last.
SinkEpoch epoch(std::int64_t number, int first, int last) {
  std::vector<std::vector<std::string>> rows;
  for (int id = first; id <= last; ++id) rows.push_back({std::to_string(id), "s" + std::to_string(id)});
  return {.epoch = number, .rows = {make_batch(kRows, rows)}};
}

Status no_rejects(const std::vector<RefusedRow>&) { return Error(ErrorKind::internal, "no row should have been refused"); }

std::string text_of(const Status& status) { return status.ok() ? "ok" : status.error().message; }

QStringList keys(const HttpPeer& peer) {
  QStringList keys;
  for (const HttpRequest& request : peer.requests()) keys << QString::fromStdString(request.key);
  return keys;
}
QStringList bodies(const HttpPeer& peer) {
  QStringList bodies;
  for (const HttpRequest& request : peer.requests()) bodies << QString::fromStdString(request.body);
  return bodies;
}

// Refuses what mentions the id 3.
HttpReply refuse_three(const HttpRequest& request) {
  if (request.body.find("\"id\":3,") == std::string::npos) return {};
  return {.status = 422, .body = "no such\nitem: 3"};
}

}  // namespace

class HttpSinkTest : public QObject {
  Q_OBJECT

  std::unique_ptr<HttpPeer> peer_;
  MemoryNotes notes_;

  HttpSinkOptions options(std::int64_t batch = 2) const { return {.peer = {.url = peer_->url() + "/api"}, .path = "/push", .batch = batch}; }
  // One life of a sink.
  Status deliver(const HttpSinkOptions& options, const std::vector<SinkEpoch>& epochs, const Sink::RejectRecorder& rejects = no_rejects) {
    HttpSink sink(options);
    sink.keep_notes(notes_);
    if (const auto opened = sink.open(kMarker, kRows); !opened.ok()) return opened.error();
    return sink.deliver(epochs, rejects, {});
  }

 private slots:
  void init() {
    peer_ = std::make_unique<HttpPeer>();
    notes_ = MemoryNotes();
  }

  void rowsGoInBatchesWithKeysOverTheBoundsOfEpochs() {
    QCOMPARE(text_of(deliver(options(), {epoch(1, 1, 3), epoch(4, 4, 5)})), std::string("ok"));
    QCOMPARE(bodies(*peer_), (QStringList{R"([{"id":1,"sku":"s1"},{"id":2,"sku":"s2"}])", R"([{"id":3,"sku":"s3"},{"id":4,"sku":"s4"}])", R"([{"id":5,"sku":"s5"}])"}));
    QCOMPARE(keys(*peer_), (QStringList{"s1/silver.http./push/0/1.0-1.1", "s1/silver.http./push/0/1.2-4.0", "s1/silver.http./push/0/4.1-4.1"}));
    QCOMPARE(peer_->requests()[0].method + " " + peer_->requests()[0].path, std::string("POST /api/push"));
    QCOMPARE(peer_->requests()[0].headers.at("content-type"), std::string("application/json"));
  }
  void rowsGoAsLinesOrAlone() {
    HttpSinkOptions lines = options(10);
    lines.body = HttpBody::lines;
    lines.method = "PUT";
    QCOMPARE(text_of(deliver(lines, {epoch(1, 1, 2)})), std::string("ok"));
    QCOMPARE(bodies(*peer_), QStringList("{\"id\":1,\"sku\":\"s1\"}\n{\"id\":2,\"sku\":\"s2\"}\n"));
    QCOMPARE(peer_->requests()[0].headers.at("content-type"), std::string("application/x-ndjson"));
    QCOMPARE(peer_->requests()[0].method, std::string("PUT"));
    HttpSinkOptions object = options(10);
    object.body = HttpBody::object;
    peer_->forget();
    QCOMPARE(text_of(deliver(object, {epoch(2, 1, 2)})), std::string("ok"));
    QCOMPARE(bodies(*peer_), (QStringList{R"({"id":1,"sku":"s1"})", R"({"id":2,"sku":"s2"})"}));
  }
  void aBatchEndsBeforeTooManyBytes() {
    HttpSinkOptions few = options(100);
    few.batch_bytes = 50;
    QCOMPARE(text_of(deliver(few, {epoch(1, 1, 5)})), std::string("ok"));
    QCOMPARE(bodies(*peer_).size(), 3);
    few.batch_bytes = 1;
    peer_->forget();
    QCOMPARE(text_of(deliver(few, {epoch(2, 1, 2)})), std::string("ok"));
    QCOMPARE(bodies(*peer_).size(), 2);
  }

  // The peer has it, nobody knows: the next life sends the same bytes under the same key, whatever came since and whatever the
  // workspace says now, and nothing that was answered.
  void whatIsInDoubtIsSentAgainAsItWas() {
    int requests = 0;
    peer_->answer_by([&](const HttpRequest&) { return HttpReply{.hang_up = ++requests == 2}; });
    QVERIFY(text_of(deliver(options(), {epoch(1, 1, 3), epoch(2, 4, 4)})).find("does not answer") != std::string::npos);
    HttpSinkOptions changed = options(10);
    changed.body = HttpBody::lines;
    QCOMPARE(text_of(deliver(changed, {epoch(1, 1, 3), epoch(2, 4, 4), epoch(3, 5, 6)})), std::string("ok"));
    const auto requests_then = peer_->requests();
    QCOMPARE(requests_then.size(), std::size_t{4});
    QCOMPARE(requests_then[2].key, requests_then[1].key);
    QCOMPARE(requests_then[2].body, requests_then[1].body);
    QCOMPARE(requests_then[3].body, std::string("{\"id\":5,\"sku\":\"s5\"}\n{\"id\":6,\"sku\":\"s6\"}\n"));
    // Taken, but not trimmed yet: nothing is sent again.
    QCOMPARE(text_of(deliver(changed, {epoch(3, 5, 6)})), std::string("ok"));
    QCOMPARE(peer_->requests().size(), std::size_t{4});
  }

  void aRefusedRowIsFoundByHalves() {
    peer_->answer_by(refuse_three);
    std::vector<RefusedRow> refused;
    const auto record = [&](const std::vector<RefusedRow>& rows) { return refused.insert(refused.end(), rows.begin(), rows.end()), Status(); };
    QCOMPARE(text_of(deliver(options(4), {epoch(1, 1, 5)}, record)), std::string("ok"));
    QCOMPARE(refused.size(), std::size_t{1});
    QCOMPARE(refused[0].epoch, 1);
    QCOMPARE(refused[0].row, 2);
    QCOMPARE(refused[0].reason, std::string("422: no such item: 3"));
    QCOMPARE(keys(*peer_).replaceInStrings("s1/silver.http./push/0/", ""), (QStringList{"1.0-1.3", "1.0-1.1", "1.2-1.3", "1.2-1.2", "1.3-1.3", "1.4-1.4"}));
  }
  // Peers speak other encodings, too; the reason goes into a table of texts.
  void aReasonIsTextWhateverThePeerSays() {
    std::string body = "Gr\xF6\xDF" "e fehlt";
    peer_->answer_by([&](const HttpRequest&) { return HttpReply{.status = 422, .body = body}; });
    std::string reason;
    const auto record = [&](const std::vector<RefusedRow>& rows) { return reason = rows.at(0).reason, Status(); };
    QCOMPARE(text_of(deliver(options(1), {epoch(1, 1, 1)}, record)), std::string("ok"));
    QCOMPARE(reason, std::string("422: Gr\uFFFD\uFFFD" "e fehlt"));
    body = std::string(600, '\x80');
    QCOMPARE(text_of(deliver(options(1), {epoch(2, 1, 1)}, record)), std::string("ok"));
    QVERIFY(is_utf8(reason) && reason.size() > 400 && reason.size() < 600);
  }
  // Killed after the row was recorded: the rest of its batch goes under the keys of the halves that were sent before.
  void afterARefusedRowTheBoundsStay() {
    int requests = 0;
    peer_->answer_by([&](const HttpRequest& request) { return ++requests == 5 ? HttpReply{.hang_up = true} : refuse_three(request); });
    std::vector<RefusedRow> refused;
    const auto record = [&](const std::vector<RefusedRow>& rows) { return refused.insert(refused.end(), rows.begin(), rows.end()), Status(); };
    QVERIFY(text_of(deliver(options(4), {epoch(1, 1, 5)}, record)).find("does not answer") != std::string::npos);
    const HttpRequest in_doubt = peer_->requests().back();
    peer_->forget();
    peer_->answer_by(refuse_three);
    SinkEpoch again = epoch(1, 1, 5);
    again.rows = {again.rows[0].take(std::vector<std::int64_t>{0, 1, 3, 4})};
    again.left_out = {2};
    QCOMPARE(text_of(deliver(options(4), {again})), std::string("ok"));
    QCOMPARE(keys(*peer_).replaceInStrings("s1/silver.http./push/0/", ""), (QStringList{"1.0-1.1", "1.3-1.3", "1.4-1.4"}));
    QCOMPARE(peer_->requests()[1].key, in_doubt.key);
    QCOMPARE(peer_->requests()[1].body, in_doubt.body);
  }
  // What the recorder is told counts among the rows that were delivered.
  void aSecondRefusedRowHasItsPlaceAmongThoseThatAreLeft() {
    peer_->answer_by(refuse_three);
    SinkEpoch again = epoch(1, 1, 4);
    again.rows = {again.rows[0].take(std::vector<std::int64_t>{1, 2, 3})};
    again.left_out = {0};
    std::vector<RefusedRow> refused;
    const auto record = [&](const std::vector<RefusedRow>& rows) { return refused.insert(refused.end(), rows.begin(), rows.end()), Status(); };
    QCOMPARE(text_of(deliver(options(10), {again}, record)), std::string("ok"));
    QCOMPARE(refused.size(), std::size_t{1});
    QCOMPARE(refused[0].row, 1);
  }

  void thePeerSaysHowLongToWait_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("said");
    QTest::addColumn<std::chrono::milliseconds>("waited");
    for (const int status : {429, 503}) QTest::addRow("%d", status) << status << "120" << std::chrono::milliseconds(120'000);
    for (const char* said : {"86401", "9223372036854775", "9223372036854775807"}) QTest::newRow(said) << 503 << said << std::chrono::milliseconds(86'400'000);
    QTest::newRow("nonsense") << 503 << "soon" << std::chrono::milliseconds(0);
  }
  void thePeerSaysHowLongToWait() {
    QFETCH(int, status);
    QFETCH(QString, said);
    peer_->answer_by([&](const HttpRequest&) { return HttpReply{.status = status, .headers = {{"Retry-After", said.toStdString()}}}; });
    HttpSink sink(options());
    sink.keep_notes(notes_);
    QVERIFY(sink.open(kMarker, kRows).ok());
    QCOMPARE(sink.asked_to_wait(), std::chrono::milliseconds(0));
    const Status delivered = sink.deliver({epoch(1, 1, 1)}, no_rejects, {});
    QCOMPARE(delivered.error().kind, ErrorKind::unavailable);
    QTEST(sink.asked_to_wait(), "waited");
  }
  void whatSaysNothingOfTheRowsRefusesNone_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("again");
    for (const int status : {408, 409, 425, 429, 500, 502, 503, 504}) QTest::addRow("%d", status) << status << true;
    for (const int status : {301, 302, 401, 403, 404, 405, 410, 415}) QTest::addRow("%d", status) << status << false;
  }
  void whatSaysNothingOfTheRowsRefusesNone() {
    QFETCH(int, status);
    QFETCH(bool, again);
    peer_->answer_by([&](const HttpRequest&) { return HttpReply{.status = status, .body = "no", .headers = {{"Location", "/elsewhere"}}}; });
    const Status delivered = deliver(options(), {epoch(1, 1, 4)});
    QCOMPARE(delivered.error().kind, again ? ErrorKind::unavailable : ErrorKind::failed_precondition);
    QCOMPARE(peer_->requests().size(), std::size_t{1});
  }
  void aPeerThatIsNotThereIsTriedAgain() {
    HttpSinkOptions nowhere = options();
    nowhere.peer.url = "http://127.0.0.1:" + std::to_string(test::free_loopback_port());
    QCOMPARE(deliver(nowhere, {epoch(1, 1, 1)}).error().kind, ErrorKind::unavailable);
    QCOMPARE(text_of(deliver(options(), {epoch(1, 1, 1)})), std::string("ok"));
    QCOMPARE(peer_->requests().size(), std::size_t{1});
  }
  void aPeerThatDoesNotAnswerIsGivenUp() {
    std::mutex mutex;
    std::unique_lock held(mutex);
    peer_->answer_by([&](const HttpRequest&) { return std::lock_guard(mutex), HttpReply(); });
    HttpSinkOptions patient = options();
    patient.peer.timeout = std::chrono::milliseconds(200);
    QCOMPARE(deliver(patient, {epoch(1, 1, 1)}).error().kind, ErrorKind::unavailable);
    held.unlock();
    QCOMPARE(text_of(deliver(options(), {epoch(1, 1, 1)})), std::string("ok"));
    QCOMPARE(keys(*peer_)[0], keys(*peer_)[1]);
    peer_.reset();      // whose first answer may wait for the mutex still
  }
  void aDeliveryCanBeCancelled() {
    CancellationSource source;
    std::mutex mutex;
    std::unique_lock held(mutex);
    peer_->answer_by([&](const HttpRequest&) { return source.request_stop(), std::lock_guard(mutex), HttpReply(); });
    HttpSink sink(options());
    sink.keep_notes(notes_);
    QVERIFY(sink.open(kMarker, kRows).ok());
    const Status delivered = sink.deliver({epoch(1, 1, 1)}, no_rejects, source.get_token());
    held.unlock();
    peer_.reset();      // whose answer waits for the mutex still
    QCOMPARE(delivered.error().kind, ErrorKind::cancelled);
  }

  void changesSayWhatHappenedWhereTheSinkIsKeyed() {
    HttpSink plain(options());
    plain.keep_notes(notes_);
    QCOMPARE(plain.open(kMarker, kChanges).error().kind, ErrorKind::failed_precondition);
    HttpSinkOptions keyed = options();
    keyed.changes = true;
    HttpSink sink(keyed);
    sink.keep_notes(notes_);
    QVERIFY(sink.open(kMarker, kChanges).ok());
    QCOMPARE(text_of(sink.deliver({{.epoch = 1, .rows = {make_batch(kChanges, {{"1", "d"}})}}}, no_rejects, {})), std::string("ok"));
    QCOMPARE(bodies(*peer_), QStringList(R"([{"id":1,"_op":"d"}])"));
  }

  void credentialsAreSentAndNeverShown_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("header");
    QTest::addColumn<QString>("value");
    QTest::addRow("bearer") << "bearer" << "authorization" << "Bearer t0p-secret";
    QTest::addRow("basic") << "basic" << "authorization" << "Basic bWU6dDBwLXNlY3JldA==";
    QTest::addRow("header") << "header" << "x-api-key" << "t0p-secret";
  }
  void credentialsAreSentAndNeverShown() {
    QFETCH(QString, kind);
    QFETCH(QString, header);
    QFETCH(QString, value);
    Setting secret{.kind = Setting::Kind::text, .text = "t0p-secret"}, auth{.kind = Setting::Kind::map}, inner{.kind = Setting::Kind::map};
    if (kind == "basic") inner.entries = {{"username", {.kind = Setting::Kind::text, .text = "me"}}, {"password", secret}};
    else if (kind == "header") inner.entries = {{"X-Api-Key", secret}};
    else inner = secret;
    auth.entries = {{kind.toStdString(), inner}};
    Setting connection = test::text_settings({{"url", peer_->url()}}).root();
    connection.entries.push_back({"auth", auth});
    const auto sink = http_connector().make_sink(Settings(connection), test::text_settings({{"path", "/push"}}), {});
    QVERIFY(sink.ok());
    (*sink)->keep_notes(notes_);
    QVERIFY((*sink)->open(kMarker, kRows).ok());
    // A peer that repeats all that it got.
    peer_->answer_by([&](const HttpRequest& request) { return HttpReply{.status = 400, .body = "you sent " + request.headers.at(header.toStdString())}; });
    std::string reason;
    QCOMPARE(text_of((*sink)->deliver({epoch(1, 1, 1)}, [&](const auto& rows) { return reason = rows[0].reason, Status(); }, {})), std::string("ok"));
    QCOMPARE(QString::fromStdString(peer_->requests()[0].headers.at(header.toStdString())), value);
    QVERIFY(reason.find("you sent") != std::string::npos);
    QVERIFY(reason.find("t0p-secret") == std::string::npos && reason.find("bWU6") == std::string::npos);
    peer_->answer_by([&](const HttpRequest& request) { return HttpReply{.status = 401, .body = "you sent " + request.headers.at(header.toStdString())}; });
    const std::string said = (*sink)->deliver({epoch(2, 1, 1)}, no_rejects, {}).error().to_string();
    QVERIFY(said.find("you sent") != std::string::npos);
    QVERIFY(said.find("t0p-secret") == std::string::npos && said.find("bWU6") == std::string::npos);
  }

  void theConnectionIsTried() {
    const auto test = http_connector().test_connection;
    QCOMPARE(test(test::text_settings({{"url", peer_->url()}}), std::chrono::seconds(5)).value(), peer_->url() + " answers 200");
    peer_->answer_by([](const HttpRequest&) { return HttpReply{.status = 401}; });
    QCOMPARE(test(test::text_settings({{"url", peer_->url()}}), std::chrono::seconds(5)).error().kind, ErrorKind::unauthenticated);
    QCOMPARE(test(test::text_settings({{"url", "push.example"}}), std::chrono::seconds(5)).error().kind, ErrorKind::invalid_argument);
  }
  void itSaysThatItIsAtLeastOnceUnlessThePeerHonoursTheKey() {
    QVERIFY(!HttpSink(options()).traits().idempotent);
    HttpSinkOptions honoured = options();
    honoured.idempotent = true;
    QVERIFY(HttpSink(honoured).traits().idempotent);
  }
};

QTEST_GUILESS_MAIN(HttpSinkTest)
#include "http_sink_test.moc"
