#include <QTemporaryDir>
#include <QTest>

#include <map>
#include <random>

#include "record/batch_builder.h"
#include "stream/dedupe.h"

using namespace penstock;

namespace {

const SchemaPtr schema = std::make_shared<const Schema>(
    std::vector<Field>{{"id", {TypeKind::varchar}}, {"part", {TypeKind::int32}}, {"at", {TypeKind::timestamp}}});

struct Row {
  std::string id;
  std::int64_t at = 0;
  int part = 0;
};

Batch batch(const std::vector<Row>& rows) {
  BatchBuilder builder(schema);
  for (const Row& row : rows) {
    if (row.id.empty()) builder[0].append_null(); else builder[0].append_bytes(row.id);
    builder[1].append_int32(row.part);
    builder[2].append_int64(row.at);
  }
  return builder.finish();
}

Dedupe make(std::int64_t within = 100) { return Dedupe({"step/s/dedupe/", {0, 1}, 2, within}); }

std::unique_ptr<StateStore> open(const QTemporaryDir& folder) {
  auto store = StateStore::open(folder.filePath("state").toStdString(), {});
  if (!store.ok()) qFatal("%s", store.error().to_string().c_str());
  return std::move(*store);
}

}  // namespace

class DedupeTest : public QObject {
  Q_OBJECT
 private slots:
  void the_first_row_of_a_key_is_kept() {
    Dedupe dedupe = make();
    QCOMPARE(dedupe.first_rows(batch({{"a", 0}, {"a", 50}, {"b", 60}, {"a", 60, 1}})), (std::vector<std::int64_t>{0, 2, 3}));
    QCOMPARE(dedupe.first_rows(batch({{"a", 100}, {"a", 101}})), (std::vector<std::int64_t>{1}));
  }

  void a_key_with_null_is_never_a_duplicate() {
    Dedupe dedupe = make();
    QCOMPARE(dedupe.first_rows(batch({{"", 0}, {"", 0}})), (std::vector<std::int64_t>{0, 1}));
  }

  // Random epochs and restarts give what one pass over all rows gives.
  void restarts_and_epochs_do_not_matter() {
    const unsigned seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    std::vector<Row> rows;
    for (int i = 0; i < 5000; ++i) rows.push_back({"k" + std::to_string(random() % 300), i * 3 + static_cast<std::int64_t>(random() % 50), static_cast<int>(random() % 2)});

    std::vector<std::int64_t> expected;
    std::map<std::pair<std::string, int>, std::int64_t> firsts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto key = std::make_pair(rows[i].id, rows[i].part);
      const auto found = firsts.find(key);
      if (found != firsts.end() && std::abs(rows[i].at - found->second) <= 500) continue;
      firsts[key] = rows[i].at;
      expected.push_back(static_cast<std::int64_t>(i));
    }

    QTemporaryDir folder;
    auto state = open(folder);
    auto dedupe = std::make_unique<Dedupe>(Dedupe::Options{"step/s/dedupe/", {0, 1}, 2, 500});
    std::vector<std::int64_t> found;
    std::int64_t epoch = 0;
    for (std::size_t at = 0; at < rows.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 5, rows.size() - at);
      for (const std::int64_t row : dedupe->first_rows(batch({rows.begin() + static_cast<std::ptrdiff_t>(at), rows.begin() + static_cast<std::ptrdiff_t>(at + count)})))
        found.push_back(static_cast<std::int64_t>(at) + row);
      at += count;
      StateWrite write;
      QVERIFY(dedupe->log(++epoch, *state, write).ok());
      QVERIFY(state->write(write, false).ok());
      if (random() % 100 == 0) {
        state.reset();
        state = open(folder);
        dedupe = std::make_unique<Dedupe>(Dedupe::Options{"step/s/dedupe/", {0, 1}, 2, 500});
        QVERIFY(dedupe->restore(*state).ok());
      }
    }
    QCOMPARE(found, expected);
    QVERIFY2(dedupe->keys() <= 700, qPrintable(QString::number(dedupe->keys())));
  }

  void many_small_epochs_are_merged_and_old_keys_forgotten() {
    QTemporaryDir folder;
    const auto state = open(folder);
    Dedupe dedupe = make(1000);
    for (std::int64_t epoch = 1; epoch <= 3000; ++epoch) {
      (void)dedupe.first_rows(batch({{"k" + std::to_string(epoch), epoch * 10}}));
      StateWrite write;
      QVERIFY(dedupe.log(epoch, *state, write).ok());
      QVERIFY(state->write(write, false).ok());
    }
    int stored = 0;
    QVERIFY(state->scan("step/s/dedupe/", [&](auto, auto) -> Status { ++stored; return {}; }).ok());
    QVERIFY2(stored < 1100, qPrintable(QString::number(stored)));
    QVERIFY2(dedupe.keys() < 1500, qPrintable(QString::number(dedupe.keys())));
  }
};

QTEST_APPLESS_MAIN(DedupeTest)
#include "dedupe_test.moc"
