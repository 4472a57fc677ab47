#include "io/compatibility.h"

#include <QTest>

using namespace penstock;

namespace {

// Which pairs a level asks for, of three versions: "reader<-writer".
QString asked(CompatibilityLevel level, std::size_t versions = 3) {
  QStringList pairs;
  const auto found = check_level(level, versions, [&](std::size_t reader, std::size_t writer) -> Result<std::vector<Incompatibility>> {
    pairs << QString("%1<-%2").arg(reader).arg(writer);
    return std::vector<Incompatibility>{{"T", "/", "m"}};
  });
  return found->size() == static_cast<std::size_t>(pairs.size()) ? pairs.join(' ') : "?";
}

}  // namespace

class CompatibilityTest : public QObject {
  Q_OBJECT

 private slots:
  void each_level_compares_what_it_says() {
    QCOMPARE(asked(CompatibilityLevel::none), "");
    QCOMPARE(asked(CompatibilityLevel::backward), "2<-1");
    QCOMPARE(asked(CompatibilityLevel::backward_transitive), "2<-0 2<-1");
    QCOMPARE(asked(CompatibilityLevel::forward), "1<-2");
    QCOMPARE(asked(CompatibilityLevel::forward_transitive), "0<-2 1<-2");
    QCOMPARE(asked(CompatibilityLevel::full), "2<-1 1<-2");
    QCOMPARE(asked(CompatibilityLevel::full_transitive), "2<-0 0<-2 2<-1 1<-2");
    QCOMPARE(asked(CompatibilityLevel::full_transitive, 1), "");
  }

  void levels_have_the_names_of_confluent() {
    for (const char* name : {"NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"})
      QCOMPARE(QString(name_of(*parse_level(QString(name).toLower().toStdString()))), QString(name));
    QVERIFY(!parse_level("BACKWARDS"));
  }

  void what_cannot_be_compared_is_an_error() {
    const auto broken = [](std::size_t, std::size_t) -> Result<std::vector<Incompatibility>> { return Error(ErrorKind::unsupported, "not this one"); };
    QCOMPARE(check_level(CompatibilityLevel::full, 2, broken).error().kind, ErrorKind::unsupported);
  }
};

QTEST_GUILESS_MAIN(CompatibilityTest)
#include "compatibility_test.moc"
