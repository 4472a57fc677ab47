#include "engine/rejected_index_sink.h"

#include <QTemporaryDir>
#include <QTest>

#include "record/schema.h"
#include "store/operations_db.h"
#include "store/rejected_index.h"
#include "stream/reject_rows.h"

using namespace penstock;

class RejectedIndexSinkTest : public QObject {
  Q_OBJECT

  // One dead letter with this key, as a stream rejects it.
  static Batch dead_letter(const std::string& key) {
    const auto column = [](std::string_view name, TypeKind kind, const std::string& value) {
      BatchBuilder batch(std::make_shared<const Schema>(std::vector<Field>{{std::string(name), {kind}}}));
      batch[0].append_bytes(value);
      return batch.finish();
    };
    const Batch record = column(origin::key, TypeKind::blob, key), values = column("store", TypeKind::varchar, "Oslo");
    RejectBuilder rejects;
    rejects.append({.step = "silver", .reason = "Gr\xF6\xDF" "e fehlt"}, record, 0, &values, 0);
    return rejects.finish();
  }

 private slots:
  // A row is called by its key where that is text; every text goes to the console, whose messages take nothing but UTF-8.
  void a_row_is_called_by_its_key_where_that_is_text_data() {
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QString>("called");
    QTest::newRow("text") << QByteArray("order-7") << "order-7";
    QTest::newRow("letters beyond ASCII") << QByteArray("b\xC3\xB8lge") << QString::fromUtf8("b\xC3\xB8lge");
    QTest::newRow("a number in eight bytes") << QByteArray("\0\0\0\0\0\0\0\7", 8) << "Oslo";
    QTest::newRow("bytes without a control character") << QByteArray("\xF0\x9F\x41\xFF") << "Oslo";
  }
  void a_row_is_called_by_its_key_where_that_is_text() {
    QFETCH(QByteArray, key);
    QFETCH(QString, called);
    QTemporaryDir folder;
    const std::string root = folder.path().toStdString();
    const Connector connector = rejected_index_connector(root);
    const auto sink = connector.make_sink({}, {}, {});
    QVERIFY(sink.ok() && (*sink)->open({}, reject_schema()).ok());
    QVERIFY((*sink)->deliver({{.epoch = 1, .rows = {dead_letter(key.toStdString())}}}, nullptr, {}).ok());

    const auto database = open_operations_db(root + "/operations.db");
    const auto rows = RejectedIndex(**database).page({}, RejectedOrder::time, 0, 10);
    QVERIFY(rows.ok());
    QCOMPARE(rows->size(), std::size_t{1});
    QCOMPARE(QString::fromStdString(rows->at(0).key), called);
    QCOMPARE(rows->at(0).reason, std::string("Gr\uFFFD\uFFFD" "e fehlt"));
  }
};

QTEST_GUILESS_MAIN(RejectedIndexSinkTest)
#include "rejected_index_sink_test.moc"
