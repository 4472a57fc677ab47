#include <QTest>

#include "connectors/registry/registry_http.h"
#include "connectors/registry/registry_place.h"
#include "support/http_peer.h"

using namespace penstock;

namespace {

test::HttpReply moved_to(const std::string& location) { return {.status = 307, .headers = {{"Location", location}}}; }

RegistryAddress known_to(const test::HttpPeer& peer) { return {.urls = {peer.url()}, .username = "app", .password = "of-the-registry"}; }

}  // namespace

class RegistryRedirectsTest : public QObject {
  Q_OBJECT

 private slots:
  void another_server_is_never_told_who_we_are() {
    test::HttpPeer other([](const test::HttpRequest&) { return test::HttpReply{.body = "what it wants us to believe"}; });
    test::HttpPeer registry([&](const test::HttpRequest&) { return moved_to(other.url() + "/schemas/ids/1"); });
    const auto answer = registry_get(known_to(registry), "/schemas/ids/1");
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().kind, ErrorKind::unavailable);
    QCOMPARE(QString::fromStdString(answer.error().message),
             QString::fromStdString("the registry at " + registry.url() + " sends us to " + other.url() + ", which is not told who we are"));
    QCOMPARE(registry.requests().size(), 1u);
    QCOMPARE(registry.requests()[0].headers.at("authorization"), std::string("Basic YXBwOm9mLXRoZS1yZWdpc3RyeQ=="));
    QCOMPARE(other.requests().size(), 0u);
  }

  void the_same_server_is_followed_with_who_we_are() {
    test::HttpPeer registry;
    registry.answer_by([&](const test::HttpRequest& request) {
      return request.path == "/new/schemas/ids/1" ? test::HttpReply{.body = "{}"} : moved_to(request.path == "/schemas/ids/1" ? "/between/here" : registry.url() + "/new/schemas/ids/1");
    });
    const auto answer = registry_get(known_to(registry), "/schemas/ids/1");
    QVERIFY2(answer.ok(), answer.ok() ? "" : answer.error().to_string().c_str());
    QCOMPARE(answer->body, std::string("{}"));
    QCOMPARE(registry.requests().size(), 3u);
    for (const test::HttpRequest& request : registry.requests()) QVERIFY(request.headers.contains("authorization"));
  }

  void nameless_we_go_where_we_are_sent() {
    test::HttpPeer other([](const test::HttpRequest& request) { return test::HttpReply{.body = request.path}; });
    test::HttpPeer registry([&](const test::HttpRequest&) { return moved_to(other.url() + "/apis/schemas/ids/1"); });
    const auto answer = registry_get({.urls = {registry.url()}}, "/schemas/ids/1");
    QVERIFY2(answer.ok(), answer.ok() ? "" : answer.error().to_string().c_str());
    QCOMPARE(answer->body, std::string("/apis/schemas/ids/1"));
  }

  void a_circle_ends() {
    test::HttpPeer registry([](const test::HttpRequest& request) { return moved_to(request.path == "/a" ? "/b" : "/a"); });
    QCOMPARE(registry_get({.urls = {registry.url()}}, "/a").error().kind, ErrorKind::unavailable);
    QCOMPARE(registry.requests().size(), 6u);
  }

  void an_answer_without_end_is_given_up() {
    test::HttpPeer registry([](const test::HttpRequest&) { return test::HttpReply{.body = std::string(33 << 20, ' ')}; });
    const auto answer = registry_get({.urls = {registry.url()}}, "/schemas/ids/1");
    QVERIFY(!answer.ok());
    QCOMPARE(QString::fromStdString(answer.error().message), QString::fromStdString("the registry at " + registry.url() + " answers more than 32 MiB"));
  }

  void an_address_is_an_origin_and_a_path_data() {
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("plain") << QByteArray("http://hub") << QByteArray("http://hub:80 ");
    QTest::newRow("capitals") << QByteArray("HTTPS://Hub/A") << QByteArray("https://hub:443 /A");
    QTest::newRow("a port") << QByteArray("https://hub:8081/apis/?x=1#top") << QByteArray("https://hub:8081 /apis/?x=1");
    QTest::newRow("IPv6") << QByteArray("http://[::1]/a") << QByteArray("http://[::1]:80 /a");
    QTest::newRow("IPv6 with a port") << QByteArray("http://[::1]:8081") << QByteArray("http://[::1]:8081 ");
    for (const char* url : {"", "hub", "ftp://hub", "http://", "http:///a", "http://app:secret@hub", "http://hub:", "http://hub:65536", "http://hub:80a", "http://[::1", "http://[::1]a", "http://hu b",
                            "http://hub\r\nX: y"})
      QTest::newRow(QByteArray("none: ").append(url).simplified().constData()) << QByteArray(url) << QByteArray("none");
  }
  void an_address_is_an_origin_and_a_path() {
    QFETCH(const QByteArray, url);
    QFETCH(const QByteArray, expected);
    const auto place = registry_place(url.toStdString());
    QCOMPARE(place.ok() ? place->origin + " " + place->path : "none", expected.toStdString());
  }

  void a_password_in_an_address_is_not_shown() {
    const auto answer = registry_get({.urls = {"http://app:of-the-registry@hub:8081"}}, "/schemas/ids/1");
    QCOMPARE(answer.error().kind, ErrorKind::invalid_argument);
    QCOMPARE(QString::fromStdString(answer.error().message), "the address of a schema registry names a user");
  }

  // RFC 3986, 5.4, but for what a server would not send.
  void a_redirect_leads_from_where_we_are_data() {
    QTest::addColumn<QByteArray>("location");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("a path") << QByteArray("/c?d#e") << QByteArray("https://hub:8081 /c?d");
    QTest::newRow("beside it") << QByteArray("c") << QByteArray("https://hub:8081 /a/c");
    QTest::newRow("a query") << QByteArray("?q=2") << QByteArray("https://hub:8081 /a/b?q=2");
    QTest::newRow("a server") << QByteArray("//other/c") << QByteArray("https://other:443 /c");
    QTest::newRow("an address") << QByteArray("https://HUB:8081") << QByteArray("https://hub:8081 /");
    QTest::newRow("a name before an at sign") << QByteArray("https://hub:8081@other/") << QByteArray("none");
    QTest::newRow("no TLS") << QByteArray("http://hub:8081/c") << QByteArray("none");
    QTest::newRow("two lines") << QByteArray("/c\r\nX: y") << QByteArray("none");
    QTest::newRow("another scheme") << QByteArray("file:///etc/passwd") << QByteArray("none");
    QTest::newRow("a colon in a path") << QByteArray("./c:d") << QByteArray("https://hub:8081 /a/./c:d");
  }
  void a_redirect_leads_from_where_we_are() {
    QFETCH(const QByteArray, location);
    QFETCH(const QByteArray, expected);
    const auto place = redirected({"https://hub:8081", "/a/b?q=1"}, location.toStdString());
    QCOMPARE(place.ok() ? place->origin + " " + place->path : "none", expected.toStdString());
  }
};

QTEST_GUILESS_MAIN(RegistryRedirectsTest)
#include "registry_redirects_test.moc"
