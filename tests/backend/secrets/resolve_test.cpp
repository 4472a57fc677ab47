#include <QTemporaryDir>
#include <QFile>
#include <QTest>

#include "secrets/resolve.h"

using namespace penstock;

namespace {

Setting text(std::string value) {
  Setting setting;
  setting.kind = Setting::Kind::text;
  setting.text = std::move(value);
  setting.at = {"connections.yaml", 3, 7};
  return setting;
}

Settings password(const std::string& value) {
  Setting inner;
  inner.kind = Setting::Kind::map;
  inner.entries = {{"password", text(value)}};
  Setting outer;
  outer.kind = Setting::Kind::map;
  outer.entries = {{"host", text("localhost")}, {"sasl", inner}};
  return Settings(outer);
}

const Setting& password_of(const Settings& settings) { return *settings.root().find("sasl")->find("password"); }

}  // namespace

class ResolveTest : public QObject {
  Q_OBJECT
 private slots:
  void a_variable_of_the_environment_is_put_in() {
    qputenv("PENSTOCK_TEST_SECRET", "s3cret");
    const auto resolved = resolve_secrets(password("${env:PENSTOCK_TEST_SECRET}"), default_secret_providers());
    QVERIFY(resolved.ok());
    QCOMPARE(password_of(*resolved).text, std::string("s3cret"));
    QCOMPARE(resolved->text("host"), std::string("localhost"));
  }

  void several_references_may_stand_in_one_value() {
    const SecretProviders providers{{"a", [](std::string_view name) { return Result<std::string>("<" + std::string(name) + ">"); }}};
    const auto resolved = resolve_secrets(password("x${a:one}y${a:two}"), providers);
    QCOMPARE(password_of(*resolved).text, std::string("x<one>y<two>"));
  }

  void what_a_secret_holds_is_not_resolved_again() {
    const SecretProviders providers{{"a", [](std::string_view) { return Result<std::string>("${a:b}"); }}};
    QCOMPARE(password_of(*resolve_secrets(password("${a:b}"), providers)).text, std::string("${a:b}"));
  }

  void a_file_is_read_without_its_last_line_end() {
    QTemporaryDir folder;
    QFile file(folder.filePath("secret"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("s3cret\n");
    file.close();
    const auto resolved = resolve_secrets(password("${file:" + file.fileName().toStdString() + "}"), default_secret_providers());
    QCOMPARE(password_of(*resolved).text, std::string("s3cret"));
  }

  void a_missing_variable_is_named_with_its_place() {
    const auto resolved = resolve_secrets(password("${env:PENSTOCK_NO_SUCH}"), default_secret_providers());
    QVERIFY(!resolved.ok());
    QVERIFY(resolved.error().kind == ErrorKind::not_found);
    QCOMPARE(resolved.error().message, std::string("the environment variable 'PENSTOCK_NO_SUCH' is not set"));
    QCOMPARE(resolved.error().where, std::string("connections.yaml:3:7"));
  }

  void an_unknown_provider_is_refused() {
    const auto resolved = resolve_secrets(password("${secret:hub-key}"), default_secret_providers());
    QVERIFY(resolved.error().kind == ErrorKind::unsupported);
    QCOMPARE(resolved.error().message, std::string("there is no secret provider 'secret' in this version"));
    QCOMPARE(resolved.error().action, std::string("use one of env, file"));
  }

  void a_broken_reference_is_refused_without_repeating_it() {
    for (const char* broken : {"hunter2${env:A", "hunter2${A}", "hunter2${env:}"}) {
      const auto resolved = resolve_secrets(password(broken), default_secret_providers());
      QVERIFY(resolved.error().kind == ErrorKind::invalid_argument);
      QVERIFY(!QString::fromStdString(resolved.error().to_string()).contains("hunter2"));
    }
  }

  void a_folder_is_no_secret() {
    const auto resolved = resolve_secrets(password("${file:/}"), default_secret_providers());
    QCOMPARE(resolved.error().message, std::string("the secret file '/' is no regular file"));
  }
};

QTEST_GUILESS_MAIN(ResolveTest)
#include "resolve_test.moc"
