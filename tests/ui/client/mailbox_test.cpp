#include <QCoreApplication>
#include <QTest>

#include "client/mailbox.h"
#include "client/picture.h"
#include "client/ui_queue.h"

using namespace penstock::ui;

namespace {

TelemetryChanges changeOf(const QString& pipeline, double rate, quint64 sequence) {
  TelemetryChanges changes;
  changes.sequence = sequence;
  changes.pipelines.push_back({.name = pipeline, .rowsPerSecond = rate});
  return changes;
}

}  // namespace

class MailboxTest : public QObject {
  Q_OBJECT
 private slots:
  void theLatestStateOfAPipelineWins() {
    Mailbox box;
    QVERIFY(box.put(changeOf("sales", 10, 1)));
    QVERIFY(!box.put(changeOf("sales", 20, 2)));
    QVERIFY(!box.put(changeOf("loyalty", 5, 3)));
    const TelemetryChanges taken = box.take();
    QCOMPARE(taken.pipelines.size(), size_t(2));
    QCOMPARE(taken.pipelines[0].rowsPerSecond, 20.0);
    QCOMPARE(taken.sequence, quint64(3));
    QVERIFY(box.put(changeOf("sales", 30, 4)));
  }

  void aFullPictureReplacesWhatWaited() {
    Mailbox box;
    box.put(changeOf("sales", 10, 1));
    TelemetryChanges full = changeOf("loyalty", 5, 2);
    full.full = true;
    box.put(full);
    const TelemetryChanges taken = box.take();
    QVERIFY(taken.full);
    QCOMPARE(taken.pipelines.size(), size_t(1));
    QCOMPARE(taken.pipelines[0].name, QString("loyalty"));
  }

  void aChangeAfterAFullPictureKeepsItFull() {
    Mailbox box;
    TelemetryChanges full = changeOf("loyalty", 5, 1);
    full.full = true;
    box.put(full);
    box.put(changeOf("sales", 10, 2));
    const TelemetryChanges taken = box.take();
    QVERIFY(taken.full);
    QCOMPARE(taken.pipelines.size(), size_t(2));
  }

  void aRemovedPipelineThatComesBackIsNotRemoved() {
    TelemetryChanges older = changeOf("sales", 10, 1);
    TelemetryChanges gone;
    gone.removedPipelines = {"sales"};
    merge(older, gone);
    QCOMPARE(older.pipelines.size(), size_t(0));
    QCOMPARE(older.removedPipelines, QStringList{"sales"});
    merge(older, changeOf("sales", 7, 3));
    QCOMPARE(older.removedPipelines, QStringList{});
    QCOMPARE(older.pipelines.size(), size_t(1));
  }

  void unchangedAttentionDoesNotClearTheList() {
    TelemetryChanges older;
    older.attention.push_back({.id = "pod/loyalty-2"});
    older.attentionChanged = true;
    merge(older, changeOf("sales", 1, 2));
    QVERIFY(older.attentionChanged);
    QCOMPARE(older.attention.size(), size_t(1));
  }

  void aPictureForgetsOnlyOnAFullUpdate() {
    EnginePicture picture;
    picture.take(changeOf("sales", 10, 1));
    picture.take(changeOf("loyalty", 5, 2));
    QCOMPARE(picture.pipelines.size(), 2);
    TelemetryChanges full = changeOf("loyalty", 6, 3);
    full.full = true;
    picture.take(full);
    QCOMPARE(picture.pipelines.keys(), QStringList{"loyalty"});
    QCOMPARE(picture.sequence, quint64(3));
  }

  void queuedWorkRunsInOrderAndNotAfterClose() {
    UiQueue queue;
    QList<int> ran;
    for (int i = 0; i < 1'000; ++i) queue.post([&ran, i] { ran.append(i); });
    QTRY_COMPARE(ran.size(), 1'000);
    for (int i = 0; i < 1'000; ++i) QCOMPARE(ran[i], i);
    queue.post([&ran] { ran.append(-1); });
    queue.close();
    queue.post([&ran] { ran.append(-2); });
    QCoreApplication::processEvents();
    QCOMPARE(ran.size(), 1'000);
  }
};

QTEST_GUILESS_MAIN(MailboxTest)
#include "mailbox_test.moc"
