#include "stream/pod_parquet.h"

#include <QTest>

#include <QTemporaryDir>
#include <thread>

#include "record/batch_builder.h"

using namespace penstock;

class PodParquetTest : public QObject {
  Q_OBJECT

 private slots:
  // The first rewriting has no end of its own: the second one waits for its turn, and is told to give up meanwhile.
  void who_waits_for_the_background_gives_up_when_told() {
    const QTemporaryDir folder;
    const auto path = [&](const char* name) { return folder.filePath(name).toStdString(); };
    const auto schema = std::make_shared<const Schema>(std::vector<Field>{Field{"id", {TypeKind::int64}}});
    BatchBuilder rows(schema);
    rows[0].append_int64(1);
    PodParquet files(256 << 20);
    const auto written = files.write({rows.finish()}, schema, path("a.parquet"), {});
    QVERIFY2(written.ok(), written.ok() ? "" : written.error().to_string().c_str());

    ParquetOptions first, second;
    CancellationSource first_ends, second_ends;
    first.in_background = second.in_background = true;
    first.cancellation = first_ends.get_token();
    second.cancellation = second_ends.get_token();
    const std::string endless = "(SELECT sum(sqrt(range)) FROM range(1000000000000000)) > id";
    std::optional<ErrorKind> first_answer, second_answer;
    std::jthread one([&] { first_answer = files.rewrite({path("a.parquet")}, endless, schema, path("b.parquet"), first).error().kind; });
    std::jthread other([&] { second_answer = files.rewrite({path("a.parquet")}, endless, schema, path("c.parquet"), second).error().kind; });
    second_ends.request_stop();
    other.join();
    QCOMPARE(second_answer, ErrorKind::cancelled);
    first_ends.request_stop();
    one.join();
    QCOMPARE(first_answer, ErrorKind::cancelled);

    // The turn is free again.
    const auto last = files.rewrite({path("a.parquet")}, "", schema, path("d.parquet"), {.in_background = true});
    QVERIFY2(last.ok(), last.ok() ? "" : last.error().to_string().c_str());
    QCOMPARE(last->rows, 1);
  }
};

QTEST_GUILESS_MAIN(PodParquetTest)
#include "pod_parquet_test.moc"
