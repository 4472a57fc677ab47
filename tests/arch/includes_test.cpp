#include <QTest>

#include "arch/include_rules.h"

using namespace penstock::arch;

namespace {

QStringList lines_of(const std::vector<std::string>& texts) {
  QStringList lines;
  for (const std::string& text : texts) lines << QString::fromStdString(text);
  return lines;
}

}  // namespace

class IncludesTest : public QObject {
  Q_OBJECT
 private slots:
  void the_sources_follow_the_arrows() {
    const auto files = source_files(qEnvironmentVariable("PENSTOCK_SOURCE").toStdString(), {"backend", "ui", "app"});
    QVERIFY(files.size() > 50);
    const QString violations = lines_of(check_includes(files)).join("\n");
    QVERIFY2(violations.isEmpty(), qPrintable(violations));
  }

  // The checks themselves, on planted violations.
  void an_include_against_an_arrow_is_found() {
    QCOMPARE(lines_of(check_includes({{"backend/base/x.cpp", "#include \"stream/shard.h\"\n"}})),
             QStringList("backend/base/x.cpp: 'base' may not include \"stream/shard.h\""));
    QCOMPARE(lines_of(check_includes({{"ui/widgets/x.h", "#include \"client/engine.h\"\n"}})),
             QStringList("ui/widgets/x.h: 'widgets' may not include \"client/engine.h\""));
  }
  void connectors_do_not_know_each_other() {
    QCOMPARE(lines_of(check_includes({{"backend/connectors/kafka/x.cpp", "#include \"connectors/delta/log.h\"\n"}})),
             QStringList("backend/connectors/kafka/x.cpp: 'connectors/kafka' may not include \"connectors/delta/log.h\""));
  }
  void what_an_allowed_folder_includes_is_allowed() {
    QVERIFY(check_includes({{"backend/stream/x.cpp", "#include \"base/result.h\"\n#include \"stream/y.h\"\n  # include <vector>\n"}}).empty());
  }
  void qt_in_the_backend_is_found() {
    QCOMPARE(lines_of(check_includes({{"backend/base/x.cpp", "#include <QString>\n"}})), QStringList("backend/base/x.cpp: no Qt in backend/: <QString>"));
  }
  void a_library_in_two_folders_is_found() {
    QCOMPARE(lines_of(check_includes({{"backend/sql/x.cpp", "#include <duckdb.h>\n"}, {"backend/stream/y.cpp", "#include <duckdb.h>\n"}})),
             QStringList("backend/stream/y.cpp: <duckdb> belongs to backend/sql (backend/sql/x.cpp)"));
    QCOMPARE(lines_of(check_includes({{"backend/stream/y.cpp", "#include <grpcpp/channel.h>\n"}})),
             QStringList("backend/stream/y.cpp: backend/stream may not include <grpcpp>"));
  }
  void a_folder_without_arrows_is_found() {
    QCOMPARE(lines_of(check_includes({{"backend/util/x.cpp", "#include \"base/result.h\"\n"}})), QStringList("backend/util/x.cpp: the folder 'util' has no arrows"));
  }
};

QTEST_GUILESS_MAIN(IncludesTest)
#include "includes_test.moc"
