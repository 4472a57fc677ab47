#include <QTest>

#include <random>

#include "record/batch_bytes.h"
#include "record/batch_builder.h"

using namespace penstock;

namespace {

SchemaPtr every_type() {
  return std::make_shared<const Schema>(std::vector<Field>{{"flag", {TypeKind::boolean}},
                                                           {"small", {TypeKind::int32}},
                                                           {"large", {TypeKind::int64}},
                                                           {"real", {TypeKind::float64}},
                                                           {"price", {TypeKind::decimal, 18, 2}},
                                                           {"name", {TypeKind::varchar}},
                                                           {"raw", {TypeKind::blob}},
                                                           {"day", {TypeKind::date}},
                                                           {"at", {TypeKind::timestamp}}});
}

void append_row(BatchBuilder& builder, std::int64_t n) {
  builder[0].append_boolean(n % 2 == 0);
  builder[1].append_int32(static_cast<std::int32_t>(n));
  builder[2].append_int64(n * 1'000'000'007);
  builder[3].append_float64(static_cast<double>(n) / 4);
  builder[4].append_decimal({static_cast<std::uint64_t>(n * 100 + 5), n < 0 ? -1 : 0});
  if (n % 3 == 0) builder[5].append_null(); else builder[5].append_bytes("row " + std::to_string(n));
  builder[6].append_bytes(std::string_view("\0\xff", 2));
  builder[7].append_int32(static_cast<std::int32_t>(20'000 + n));
  builder[8].append_int64(1'700'000'000'000'000 + n);
}

Batch rows(std::int64_t count) {
  BatchBuilder builder(every_type());
  for (std::int64_t n = 0; n < count; ++n) append_row(builder, n);
  return builder.finish();
}

std::string text(const Batch& batch) {
  std::string all;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    for (std::size_t c = 0; c < batch.schema()->size(); ++c) all += (batch.column(c).is_null(row) ? "NULL" : batch.column(c).to_text(row)) + "|";
    all += "\n";
  }
  return all;
}

}  // namespace

class BatchTest : public QObject {
  Q_OBJECT
 private slots:
  void values_come_back_as_they_were_appended() {
    QCOMPARE(text(rows(2).slice(1, 1)),
             "false|1|1000000007|0.25|1.05|row 1|\\x00\\xff|2024-10-05|2023-11-14T22:13:20.000001Z|\n");
  }

  void a_slice_of_a_slice_shares_the_rows() {
    const Batch batch = rows(20);
    const Batch part = batch.slice(5, 10).slice(2, 3);
    QCOMPARE(part.rows(), 3);
    QCOMPARE(part.find("small")->int32(0), 7);
    QVERIFY(part.find("name")->is_null(2));
    QCOMPARE(part.find("name")->bytes(1), "row 8");
  }

  void taking_rows_keeps_their_order() {
    const std::vector<std::int64_t> indices = {9, 0, 1, 2, 4};
    const Batch taken = rows(10).take(indices);
    QCOMPARE(taken.rows(), 5);
    QCOMPARE(taken.find("small")->int32(0), 9);
    QVERIFY(taken.find("name")->is_null(1));
    QCOMPARE(taken.find("price")->to_text(4), "4.05");
  }

  void columns_of_batches_with_different_offsets_join() {
    const Batch left = rows(10).slice(3, 2).select(std::vector<std::size_t>{1});
    const Batch right = rows(10).slice(6, 2).select(std::vector<std::size_t>{5});
    const Batch joined = Batch::join_columns(left, right);
    QCOMPARE(text(joined), "3|NULL|\n4|row 7|\n");
  }

  void concatenating_equals_building_at_once() {
    const Batch all = rows(30);
    const std::vector<Batch> parts = {all.slice(0, 7), all.slice(7, 1), all.slice(8, 22)};
    QCOMPARE(text(Batch::concat(parts)), text(all));
  }

  void an_exported_array_outlives_its_batch() {
    ArrowArray array;
    {
      const Batch batch = rows(10);
      array = batch.slice(4, 3).export_array();
    }
    const Batch again(every_type(), array);
    QCOMPARE(text(again), text(rows(10).slice(4, 3)));
  }

  void bytes_give_the_same_rows_back() {
    for (const std::int64_t count : {0, 1, 7, 8, 9, 1000}) {
      std::string bytes;
      append_batch_bytes(rows(count).slice(0, count), bytes);
      auto parsed = parse_batch_bytes(bytes);
      QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().message.c_str());
      QCOMPARE(text(*parsed), text(rows(count)));
      QVERIFY(*parsed->schema() == *every_type());
    }
  }

  void damaged_bytes_are_refused_and_never_crash() {
    std::string bytes;
    append_batch_bytes(rows(50), bytes);
    std::mt19937 random(20261121);
    for (int i = 0; i < 2000; ++i) {
      std::string damaged = bytes.substr(0, random() % (bytes.size() + 1));
      if (!damaged.empty()) damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
      QVERIFY(!parse_batch_bytes(damaged).ok());
      // With a right checksum the parser itself has to refuse what does not fit.
      const std::uint32_t crc = crc32c(damaged);
      damaged.append(reinterpret_cast<const char*>(&crc), sizeof crc);
      (void)parse_batch_bytes(damaged).ok();
    }
  }

  void crc32c_is_that_of_rfc_3720() {
    QCOMPARE(crc32c("123456789"), 0xe3069283u);
    QCOMPARE(crc32c(std::string(32, '\0')), 0x8a9136aau);
    QCOMPARE(crc32c("6789", crc32c("12345")), 0xe3069283u);
  }

  void a_schema_survives_the_arrow_interface() {
    ArrowSchema exported = export_schema(*every_type());
    auto imported = import_schema(exported);
    exported.release(&exported);
    QVERIFY(imported.ok());
    QVERIFY(**imported == *every_type());
  }

  void a_column_that_cannot_flow_is_named() {
    ArrowSchema exported = export_schema(*every_type());
    exported.children[2]->format = "+l";
    const auto imported = import_schema(exported);
    exported.release(&exported);
    QVERIFY(!imported.ok());
    QVERIFY(imported.error().message.find("'large'") != std::string::npos);
  }
};

QTEST_APPLESS_MAIN(BatchTest)
#include "batch_test.moc"
