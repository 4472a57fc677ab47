#include <QTest>

#include "viewmodels/format.h"
#include "viewmodels/link.h"

using namespace penstock::ui;

class FormatTest : public QObject {
  Q_OBJECT
 private slots:
  void numbersAreGroupedAndShortened() {
    QCOMPARE(grouped(182'400), QString("182,400"));
    QCOMPARE(rate(12'480.4), QString("12,480"));
    QCOMPARE(rate(2.54), QString("2.5"));
    QCOMPARE(rate(0), QString("0"));
    QCOMPARE(shortNumber(12'480), QString("12.5k"));
    QCOMPARE(shortNumber(182'400), QString("182k"));
    QCOMPARE(shortNumber(999'700), QString("1.0 M"));
    QCOMPARE(shortNumber(1'100'000), QString("1.1 M"));
    QCOMPARE(shortNumber(0), QString("0"));
    QCOMPARE(counted(1, "row", "rows"), QString("1 row"));
    QCOMPARE(counted(1'204, "row", "rows"), QString("1,204 rows"));
  }

  void sharesKeepTheDigitsThatMatter() {
    QCOMPARE(percent(0.031), QString("3.1 %"));
    QCOMPARE(percent(0.0002), QString("0.02 %"));
    QCOMPARE(percent(0), QString("0 %"));
    QCOMPARE(percent(0.62), QString("62 %"));
  }

  void spansReadAsAPersonWouldSayThem() {
    using namespace std::chrono_literals;
    QCOMPARE(duration(Micros(252s)), QString("4 m 12 s"));
    QCOMPARE(duration(Micros(200ms)), QString("0.2 s"));
    QCOMPARE(duration(Micros(11min + 20s)), QString("11 m"));
    QCOMPARE(duration(Micros(59s + 700ms)), QString("1 m 0 s"));
    QCOMPARE(duration(Micros(25h)), QString("1 d 1 h"));
    QCOMPARE(duration(Micros(18ms + 200us)), QString("18 ms"));
    QCOMPARE(duration(Micros(0)), QString("0 s"));
    QCOMPARE(duration(std::optional<Micros>()), QString("–"));
    QCOMPARE(milliseconds(64ms), QString("64"));
    QCOMPARE(p50AndP99(300us, 4ms), QString("0.3 / 4 ms"));
    QCOMPARE(p50AndP99(9ms, 19s + 923ms), QString("9 ms / 20 s"));
    QCOMPARE(p50AndP99(63s + 963ms, 130s), QString("64 s / 2.2 min"));
    QCOMPARE(milliseconds(400us), QString("0.4"));
  }

  void sizesUseDecimalUnits() {
    QCOMPARE(bytes(999), QString("999 B"));
    QCOMPARE(bytes(212'000'000), QString("212 MB"));
    QCOMPARE(bytes(1'500'000'000), QString("1.5 GB"));
  }

  void cellsShowNullTimesAndBytes() {
    QCOMPARE(cellText({}), QString("NULL"));
    QCOMPARE(cellText(QVariant::fromValue(instantOf(1'000'000))), QString("1970-01-01 00:00:01.000 UTC"));
    QCOMPARE(cellText(QByteArray("\x01\xff", 2)), QString("\\x01ff"));
    QCOMPARE(cellText(0.1), QString("0.1"));
  }

  void linksSurviveTheirText() {
    const Link link{"retail uk", "quality", "sales/silver/known store?", instantOf(1'763'733'600'000'000)};
    QCOMPARE(Link::parse(link.toString()), std::optional(link));
    const Link plain{"", "overview", "", {}};
    QCOMPARE(plain.toString(), QString("penstock:///overview"));
    QCOMPARE(Link::parse("penstock:///overview"), std::optional(plain));
    QCOMPARE(Link::parse("https://example.org"), std::optional<Link>());
    QCOMPARE(Link::parse("penstock://engine"), std::optional<Link>());
    QCOMPARE(Link::parse("penstock://e/overview?at=soon"), std::optional<Link>());
  }
};

QTEST_GUILESS_MAIN(FormatTest)
#include "format_test.moc"
