#include <QTest>

#include "record/batch_builder.h"
#include "stream/flow.h"

using namespace penstock;

namespace {

SchemaPtr schema_of(const std::string& column) { return std::make_shared<const Schema>(std::vector<Field>{{column, {TypeKind::int64}}}); }

// `rows` numbers from `first` on.
Batch numbers(std::int64_t first, std::int64_t rows, const SchemaPtr& schema) {
  BatchBuilder builder(schema);
  for (std::int64_t row = 0; row < rows; ++row) builder[0].append_int64(first + row);
  return builder.finish();
}

std::vector<std::int64_t> sizes(const std::vector<Batch>& batches) {
  std::vector<std::int64_t> sizes;
  for (const Batch& batch : batches) sizes.push_back(batch.rows());
  return sizes;
}

using Sizes = std::vector<std::int64_t>;

}  // namespace

class FlowTest : public QObject {
  Q_OBJECT

 private slots:
  void small_batches_become_one_in_their_order() {
    const SchemaPtr schema = schema_of("n");
    const std::vector<Batch> all = gathered({numbers(0, 3, schema), numbers(3, 1, schema), numbers(4, 2, schema)});
    QCOMPARE(sizes(all), Sizes({6}));
    for (std::int64_t row = 0; row < 6; ++row) QCOMPARE(all[0].column(0).int64(row), row);
  }

  void a_large_batch_stays_by_itself() {
    const SchemaPtr schema = schema_of("n");
    const std::vector<Batch> all = gathered({numbers(0, 2, schema), numbers(2, 1, schema), numbers(3, 5'000, schema), numbers(5'003, 4, schema)});
    QCOMPARE(sizes(all), Sizes({3, 5'000, 4}));
    QCOMPARE(all[2].column(0).int64(0), 5'003);
  }

  // A contract may gain a column between two polls.
  void batches_of_other_columns_are_not_mixed() {
    const SchemaPtr one = schema_of("n"), other = schema_of("m");
    QCOMPARE(sizes(gathered({numbers(0, 2, one), numbers(2, 2, one), numbers(0, 1, other)})), Sizes({4, 1}));
    QCOMPARE(sizes(gathered({})), Sizes());
  }

  // What a step hands on keeps the columns of its input, though the step does not promise that they are never NULL.
  void rows_conform_without_a_copy() {
    const SchemaPtr strict = std::make_shared<const Schema>(std::vector<Field>{{"n", {TypeKind::int64}, false}});
    const Batch rows = numbers(7, 3, strict);
    const Batch same = conform(rows, schema_of("n"));
    QVERIFY(*same.schema() == *schema_of("n"));
    QCOMPARE(same.column(0).fixed_bytes(), rows.column(0).fixed_bytes());
  }

  void rows_that_lack_a_column_conform_with_nulls_in_its_place() {
    const SchemaPtr wanted = std::make_shared<const Schema>(std::vector<Field>{{"m", {TypeKind::varchar}}, {"n", {TypeKind::int64}}});
    const Batch rows = conform(numbers(0, 5, schema_of("n")).slice(2, 3), wanted);
    QVERIFY(*rows.schema() == *wanted);
    QCOMPARE(rows.rows(), 3);
    for (std::int64_t row = 0; row < 3; ++row) {
      QVERIFY(rows.column(0).is_null(row));
      QCOMPARE(rows.column(1).int64(row), row + 2);
    }
  }
};

QTEST_APPLESS_MAIN(FlowTest)
#include "flow_test.moc"
