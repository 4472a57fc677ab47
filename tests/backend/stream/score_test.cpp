#include <cmath>

#include "ml/xgboost_model.h"
#include "record/batch_builder.h"
#include "stream/score_step.h"
#include "support/landed_stream.h"
#include "support/leaf_model.h"

using namespace penstock;
using namespace penstock::test;

namespace {

// Predicts the first feature, and remembers all of them.
class EchoModel final : public Model {
 public:
  EchoModel(ModelInfo info, std::vector<float>& seen) : info_(std::move(info)), seen_(seen) {}
  const ModelInfo& info() const override { return info_; }
  Result<std::vector<float>> predict(const std::vector<float>& values, std::int64_t rows) override {
    seen_ = values;
    std::vector<float> firsts;
    for (std::int64_t row = 0; row < rows; ++row) firsts.push_back(values[static_cast<std::size_t>(row) * info_.features]);
    return firsts;
  }

 private:
  const ModelInfo info_;
  std::vector<float>& seen_;
};

}  // namespace

// A step that scores the rows of a stream, in memory and over tables.
class ScoreTest : public QObject, LandedStream {
  Q_OBJECT

  std::string model_path() const { return folder_->filePath("pace.json").toStdString(); }

  // As whoever trains does: written aside, then put in its place. Gives the version that rows will have.
  QString put_model(const QByteArray& bytes) {
    QFile file(folder_->filePath("aside"));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) qFatal("no room for a model");
    file.close();
    fs::rename(folder_->filePath("aside").toStdString(), model_path());
    return "pace.json@" + QString::fromStdString(*model_version(model_path())).section('@', 1);
  }

  // Gold is each sale of silver with its score.
  void score() {
    StepSpec& step = gold();
    step.window.reset();
    step.sql.clear();
    step.score = ScoreSpec{.model = "pace.json", .path = model_path(), .features = {"store", "qty"}, .as = "pace"};
  }

  // "pace version" of each row of gold.
  QStringList scores() const {
    QStringList all;
    const auto now = tables();
    for (const QString& row : now["gold/units"]) all << row.split('|').mid(4, 2).join(' ');
    return all;
  }

  // Sends rows until one has this score; the model that is taken is seen at the next epoch.
  bool come_to(const QString& score) {
    return QTest::qWaitFor([&] {
      send(1);
      return scores().contains(score);
    }, 60000);
  }
  bool says(PipelineStatus status, const QString& reason) {
    return QTest::qWaitFor([&] {
      const StreamReport now = report();
      return now.status == status && QString::fromStdString(now.reason).contains(reason);
    }, 60000);
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    more_connectors_ = [](ConnectorCatalog& catalog) { catalog.set_model_loader(load_xgboost_model); };
    make("run");
  }
  void cleanup() { pod_.reset(); }

  void features_are_numbers_in_the_models_order() {
    const auto rows = std::make_shared<const Schema>(std::vector<Field>{{"flag", {TypeKind::boolean}}, {"small", {TypeKind::int32}}, {"large", {TypeKind::int64}},
                                                                        {"real", {TypeKind::float64}}, {"money", {TypeKind::decimal, 10, 2}}, {"note", {TypeKind::varchar}},
                                                                        {std::string(origin::raw), {TypeKind::blob}}, {std::string(origin::offset), {TypeKind::int64}}});
    std::vector<float> seen;
    const ModelLoader loader = [&](const std::string&) -> Result<std::unique_ptr<Model>> {
      return std::unique_ptr<Model>(std::make_unique<EchoModel>(ModelInfo{"echo@1", 5, {"money", "real", "large", "small", "flag"}}, seen));
    };
    ScoreSpec spec{.model = "echo", .features = {"flag", "small", "large", "real", "money"}, .as = "first"};
    const auto step = ScoreStep::compile(spec, rows, loader);
    QVERIFY2(step.ok(), step.ok() ? "" : step.error().to_string().c_str());
    QCOMPARE((*step)->output_schema()->to_string(), std::string("flag BOOLEAN, small INTEGER, large BIGINT, real DOUBLE, money DECIMAL(10,2), note VARCHAR, first DOUBLE, _model VARCHAR, _offset BIGINT"));
    BatchBuilder builder(rows);
    builder[0].append_boolean(true);
    builder[1].append_int32(-7);
    builder[2].append_int64(1LL << 40);
    builder[3].append_float64(0.5);
    builder[4].append_decimal({static_cast<std::uint64_t>(-1250), -1});
    for (int column = 0; column < 5; ++column) builder[static_cast<std::size_t>(column)].append_null();
    for (int row = 0; row < 2; ++row) {
      builder[5].append_bytes("n");
      builder[6].append_bytes("raw");
      builder[7].append_int64(row);
    }
    const auto scored = (*step)->run(builder.finish());
    QVERIFY(scored.ok());
    QCOMPARE(std::vector<float>(seen.begin(), seen.begin() + 5), std::vector<float>({-12.5F, 0.5F, 1099511627776.0F, -7, 1}));
    for (int i = 5; i < 10; ++i) QVERIFY(std::isnan(seen[static_cast<std::size_t>(i)]));
    QCOMPARE(scored->find("first")->float64(0), -12.5);
    QVERIFY(scored->find("first")->is_null(1));
    QCOMPARE(scored->find("_model")->to_text(1), std::string("echo@1"));
    QCOMPARE(scored->find("_offset")->int64(1), 1);
    // A part of a batch, as epochs have them.
    for (int row = 0; row < 3; ++row)
      for (std::size_t column = 0; column < rows->size(); ++column) {
        if (column == 4) builder[column].append_decimal({static_cast<std::uint64_t>(row * 100), 0});
        else builder[column].append_null();
      }
    const auto part = (*step)->run(builder.finish().slice(1, 2));
    QVERIFY(part.ok());
    QCOMPARE(part->rows(), 2);
    QCOMPARE(part->find("first")->float64(0), 1.0);
    QCOMPARE(part->find("first")->float64(1), 2.0);
  }

  void a_new_model_takes_its_place_and_a_broken_one_does_not() {
    score();
    const QString first = put_model(model_of(0.25));
    send(40);
    QVERIFY(start().ok());
    QVERIFY(come_to("0.25 " + first));
    const Positions resumed = report().resumed_at;
    const QString second = put_model(model_of(0.75));
    QVERIFY(come_to("0.75 " + second));
    QVERIFY(says(PipelineStatus::running, ""));

    put_model(model_of(0.5).chopped(40));
    QVERIFY(says(PipelineStatus::degraded, "the model in pace.json is not taken: pace.json is no model that can be trusted"));
    QVERIFY(says(PipelineStatus::degraded, second + " goes on"));
    const int before = sent_;
    send(20);
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in == sent_; }, 60000));
    QVERIFY(sent_ > before);

    // One for other rows is not taken either; nor is one that is gone.
    put_model(model_of(0.5).replace("\"num_feature\":\"2\",\"num_target\"", "\"num_feature\":\"3\",\"num_target\""));
    QVERIFY(says(PipelineStatus::degraded, "trained with 3 features, and these are 2"));
    fs::remove(model_path());
    QVERIFY(says(PipelineStatus::degraded, "there is no model pace.json"));
    const QString third = put_model(model_of(1.5));
    QVERIFY(come_to("1.5 " + third));
    const StreamReport now = report();
    QCOMPARE(now.status, PipelineStatus::running);
    QCOMPARE(now.resumed_at, resumed);      // all that in one life
    run_to_end();

    // Nothing is lost, and no row has the prediction of one model and the name of another.
    const auto rows = tables();
    QCOMPARE(rows["gold/units"].size(), rows["silver/sales"].size());
    const QStringList all = scores();
    QCOMPARE(QSet<QString>(all.begin(), all.end()), QSet<QString>({"0.25 " + first, "0.75 " + second, "1.5 " + third}));
    QVERIFY(all.count("0.75 " + second) >= 15);
  }

  void a_stream_does_not_begin_without_its_model() {
    score();
    send(3);
    const Status begun = start();
    QVERIFY(!begun.ok());
    QVERIFY2(begun.error().message.find("there is no model pace.json") != std::string::npos, begun.error().message.c_str());
    put_model(model_of(0.25));
    QVERIFY(start().ok());
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in == sent_; }, 60000));
  }

  void a_replay_scores_its_range_with_the_model_as_it_is_then() {
    score();
    const QString first = put_model(model_of(0.25));
    send(60);
    QVERIFY(start().ok());
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in == sent_ && all_delivered(); }, 60000));
    const qsizetype sales = scores().size();
    QVERIFY(sales > 40);
    QCOMPARE(scores().count("0.25 " + first), sales);
    const QString second = put_model(model_of(0.75));
    ReplayLaunch replay;
    replay.id = "r1";
    replay.stream = "sales";
    replay.from_time = replay.warm_up_from = noon - 3600 * second_;
    replay.to_time = noon + 3600 * second_;
    QVERIFY(pod_->start_replay(replay).ok());
    QVERIFY(QTest::qWaitFor([&] {
      const PodReport now = pod_->report();
      return now.replays.size() == 1 && (now.replays[0].status == "done" || now.replays[0].status == "failed");
    }, 60000));
    QCOMPARE(pod_->report().replays[0].status, std::string("done"));
    QCOMPARE(scores().count("0.75 " + second), sales);
    QCOMPARE(scores().size(), sales);
  }

 private:
  static constexpr std::int64_t second_ = test::second;
};

QTEST_GUILESS_MAIN(ScoreTest)
#include "score_test.moc"
