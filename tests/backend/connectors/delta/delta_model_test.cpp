// Random deliveries of several shards to one table, against a model in memory: whatever the order of deliveries,
// replacements, new columns, reopened sinks, compactions and checkpoints, a reader sees the model's rows.

#include <QTemporaryDir>
#include <QTest>

#include <random>
#include <thread>

#include "backend/connectors/delta/table_rows.h"
#include "connectors/delta/delta_sink.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;
using penstock::test::parquet;
using penstock::test::table_rows;

namespace {

constexpr int kShards = 3;
constexpr int kSteps = 120;

const SchemaPtr kSchema = make_schema({{"value", {TypeKind::int32}}, {"_source", {TypeKind::varchar}}, {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});
const SchemaPtr kWider = make_schema({{"value", {TypeKind::int32}}, {"note", {TypeKind::varchar}}, {"_source", {TypeKind::varchar}}, {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});

struct Row {
  int value = 0;
  bool noted = false;
};
// By partition (one per shard) and offset.
using Model = std::map<std::pair<int, std::int64_t>, Row>;

struct Shard {
  std::unique_ptr<DeltaSink> sink;
  SchemaPtr schema = kSchema;
  std::int64_t epoch = 0;
  std::int64_t offset = 0;
};

std::vector<std::string> cells(const SchemaPtr& schema, int partition, std::int64_t offset, const Row& row) {
  std::vector<std::string> values = {std::to_string(row.value)};
  if (schema == kWider) values.push_back("n");
  values.insert(values.end(), {"t", std::to_string(partition), std::to_string(offset)});
  return values;
}

QStringList model_rows(const Model& model, bool wide) {
  QStringList rows;
  for (const auto& [position, row] : model)
    rows << QString("%1|t|%2|%3").arg(row.value).arg(position.first).arg(position.second) + (wide ? (row.noted ? "|n" : "|NULL") : "");
  rows.sort();
  return rows;
}

}  // namespace

class DeltaModelTest : public QObject {
  Q_OBJECT

  QTemporaryDir root_;

 private slots:
  void aReaderSeesTheModelsRows() {
    const auto seed = qEnvironmentVariableIsSet("PENSTOCK_SEED") ? qEnvironmentVariable("PENSTOCK_SEED").toUInt() : std::random_device{}();
    qInfo() << "seed" << seed << "(PENSTOCK_SEED repeats it)";
    std::mt19937 random(seed);
    DeltaSinkOptions options;
    options.folder = root_.filePath("model").toStdString();
    options.table = "silver.model";
    Model model;
    bool wide = false;
    std::array<Shard, kShards> shards;
    const auto open = [&](int index) {
      Shard& shard = shards[static_cast<std::size_t>(index)];
      shard.sink = std::make_unique<DeltaSink>(options, &parquet(), &Clock::system());
      const auto opened = shard.sink->open({.state_id = "s", .sink = "silver.delta", .shard = index, .stream = "model"}, shard.schema);
      QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
      QCOMPARE(opened->value_or(0), shard.epoch);
    };
    for (int shard = 0; shard < kShards; ++shard) open(shard);

    for (int step = 0; step < kSteps; ++step) {
      const int index = static_cast<int>(random() % kShards);
      Shard& shard = shards[static_cast<std::size_t>(index)];
      if (random() % 10 == 0) {
        if (random() % 3 == 0 && step > 0) shard.schema = kWider;   // the table is made without the column
        open(index);
      }
      std::vector<SinkEpoch> epochs;
      for (unsigned i = 0, count = 1 + random() % 3; i < count; ++i) {
        SinkEpoch epoch{.epoch = ++shard.epoch};
        std::vector<std::vector<std::string>> rows;
        const auto add = [&](std::int64_t offset) {
          const Row row{static_cast<int>(random() % 1'000), shard.schema == kWider};
          model[{index, offset}] = row;
          wide |= row.noted;
          rows.push_back(cells(shard.schema, index, offset, row));
        };
        if (random() % 5 == 0 && shard.offset > 0) {
          const auto from = static_cast<std::int64_t>(random() % static_cast<unsigned>(shard.offset));
          const std::int64_t until = std::min(shard.offset, from + static_cast<std::int64_t>(random() % 20));
          epoch.replaces = {{.column = "_offset", .source = "t", .partition = index, .from = from, .until = until}};
          for (std::int64_t offset = from; offset < until; ++offset) {
            model.erase({index, offset});
            if (random() % 8 != 0) add(offset);
          }
        }
        for (unsigned row = 0, count = random() % 10; row < count; ++row) add(shard.offset++);
        epoch.rows = {make_batch(shard.schema, rows)};
        epochs.push_back(std::move(epoch));
      }
      const Status delivered = shard.sink->deliver(epochs, [](const auto&) { return Status(); }, {});
      QVERIFY2(delivered.ok(), delivered.ok() ? "" : delivered.error().to_string().c_str());
      if (step % 20 == 19) {
        std::vector<std::string> columns = {"value", "_source", "_partition", "_offset"};
        const bool table_is_wide = DeltaTable::open(options.folder, &parquet())->snapshot()->schema->find("note").has_value();
        QVERIFY(table_is_wide || !wide);
        if (table_is_wide) columns.push_back("note");
        QCOMPARE(table_rows(options.folder, columns), model_rows(model, table_is_wide));
      }
    }
    const auto snapshot = DeltaTable::open(options.folder, &parquet())->snapshot();
    for (int shard = 0; shard < kShards; ++shard)
      QCOMPARE(snapshot->last_epochs.at("s/silver.delta/" + std::to_string(shard)), shards[static_cast<std::size_t>(shard)].epoch);
  }

  // Each thread has all of its own, as pods have: only the files are shared. They race for versions, compact at the
  // same time and write checkpoints over each other's.
  void shardsThatRaceLoseNothing() {
    constexpr int kEpochs = 40;
    const std::string folder = root_.filePath("race").toStdString();
    std::array<std::string, kShards> problems;
    {
      std::vector<std::jthread> threads;
      for (int index = 0; index < kShards; ++index)
        threads.emplace_back([&, index] {
          const auto files = make_parquet_files();
          DeltaSinkOptions options;
          options.folder = folder;
          DeltaSink sink(options, files->get(), &Clock::system());
          const auto opened = sink.open({.state_id = "s", .sink = "silver.delta", .shard = index, .stream = "race"}, kSchema);
          std::string& problem = problems[static_cast<std::size_t>(index)];
          if (!opened.ok()) problem = opened.error().to_string();
          for (int epoch = 1; epoch <= kEpochs && problem.empty(); ++epoch) {
            const Batch rows = make_batch(kSchema, {cells(kSchema, index, epoch, {epoch})});
            const Status delivered = sink.deliver({{.epoch = epoch, .rows = {rows}}}, [](const auto&) { return Status(); }, {});
            if (!delivered.ok()) problem = delivered.error().to_string();
          }
        });
    }
    for (const std::string& problem : problems) QCOMPARE(problem, std::string());
    Model expected;
    for (int index = 0; index < kShards; ++index)
      for (int epoch = 1; epoch <= kEpochs; ++epoch) expected[{index, epoch}] = {epoch};
    QCOMPARE(table_rows(folder), model_rows(expected, false));
  }
};

QTEST_GUILESS_MAIN(DeltaModelTest)
#include "delta_model_test.moc"
