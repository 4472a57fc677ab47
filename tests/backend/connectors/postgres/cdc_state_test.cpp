#include "connectors/postgres/cdc_state.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace penstock;
using penstock::postgres::CdcState;

class CdcStateTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::string path() const { return folder_.filePath("slot.json").toStdString(); }

 private slots:
  void cleanup() { QFile::remove(QString::fromStdString(path())); }

  void it_comes_back_as_it_was_saved() {
    CdcState state{.slot = "penstock_sales", .creating = true, .begin = 0x1'0000'002A, .confirmed = 0x2'0000'0000};
    state.ranges = {{0, 128, 4'000}, {128, std::nullopt, std::nullopt}};
    QVERIFY(state.save(path()).ok());
    const auto loaded = CdcState::load(path());
    QVERIFY(loaded.ok() && loaded->has_value());
    QCOMPARE((*loaded)->slot, state.slot);
    QVERIFY((*loaded)->creating);
    QCOMPARE((*loaded)->begin, state.begin);
    QCOMPARE((*loaded)->confirmed, state.confirmed);
    QCOMPARE((*loaded)->ranges.size(), std::size_t{2});
    QCOMPARE((*loaded)->ranges[0].end, std::optional<std::int64_t>(4'000));
    QVERIFY(!(*loaded)->ranges[1].end_block);
  }
  void there_may_be_none() {
    const auto loaded = CdcState::load(path());
    QVERIFY(loaded.ok() && !loaded->has_value());
  }

  void a_damaged_one_is_refused_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("cut") << QByteArray("{\"slot\":\"s\",\"begin\":\"0/1\"");
    QTest::newRow("no slot") << QByteArray("{\"begin\":\"0/1\",\"confirmed\":\"0/1\",\"ranges\":[]}");
    QTest::newRow("no place") << QByteArray("{\"slot\":\"s\",\"ranges\":[]}");
    QTest::newRow("a place as a number") << QByteArray("{\"slot\":\"s\",\"begin\":7,\"confirmed\":\"0/1\",\"ranges\":[]}");
    QTest::newRow("a place that is none") << QByteArray("{\"slot\":\"s\",\"begin\":\"0/1\",\"confirmed\":\"0:1\",\"ranges\":[]}");
    QTest::newRow("a range that is none") << QByteArray("{\"slot\":\"s\",\"begin\":\"0/1\",\"confirmed\":\"0/1\",\"ranges\":[7]}");
  }
  void a_damaged_one_is_refused() {
    QFETCH(QByteArray, text);
    QFile file(QString::fromStdString(path()));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    file.close();
    const auto loaded = CdcState::load(path());
    QVERIFY(!loaded.ok());
    QCOMPARE(loaded.error().kind, ErrorKind::data_loss);
    QCOMPARE(loaded.error().where, path());
  }
};

QTEST_APPLESS_MAIN(CdcStateTest)
#include "cdc_state_test.moc"
