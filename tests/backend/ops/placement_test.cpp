#include <QTest>

#include <cmath>
#include <limits>

#include "ops/declarations.h"
#include "ops/history_recorder.h"
#include "ops/placement.h"

using namespace penstock;

class PlacementTest : public QObject {
  Q_OBJECT

 private slots:
  void small_streams_share_a_pod_and_zero_means_inside_the_engine() {
    Workspace workspace;
    for (const auto& [name, pods] : {std::pair{"sales", -1}, {"loyalty", 1}, {"tiny", 0}, {"orders", -1}}) {
      StreamSpec stream;
      stream.name = name;
      stream.pods = pods;
      workspace.streams.push_back(stream);
    }
    StreamStart base;
    base.version = 7;
    const auto pods = place(workspace, base);
    QCOMPARE(pods.size(), std::size_t{2});
    QCOMPARE(pods[0].spec.name, std::string("shared-0"));
    QCOMPARE(pods[0].streams.size(), std::size_t{2});
    QCOMPARE(pods[0].streams[1].stream, std::string("orders"));
    QCOMPARE(pods[0].streams[1].version, 7);
    QCOMPARE(pods[1].spec.name, std::string("loyalty-0"));
  }

  void shards_are_dealt_out_over_the_pods_of_a_stream() {
    Workspace workspace;
    StreamSpec stream;
    stream.name = "sales";
    stream.pods = 2;
    stream.shards = 5;
    workspace.streams.push_back(stream);
    const auto two = place(workspace, {});
    QCOMPARE(two.size(), std::size_t{2});
    QCOMPARE(two[0].spec.name, std::string("sales-0"));
    QCOMPARE(two[0].streams.front().shards, (std::vector<std::int32_t>{0, 2, 4}));
    QCOMPARE(two[1].streams.front().shards, (std::vector<std::int32_t>{1, 3}));
    // What an operator has said comes first, and no pod is without a shard.
    QCOMPARE(place(workspace, {}, 1, {{"sales", 3}}).size(), std::size_t{3});
    QCOMPARE(place(workspace, {}, 1, {{"sales", 9}}).size(), std::size_t{5});
    const auto one = place(workspace, {}, 1, {{"sales", 1}});
    QCOMPARE(one.size(), std::size_t{1});
    QCOMPARE(one[0].streams.front().shards, (std::vector<std::int32_t>{0, 1, 2, 3, 4}));
  }

  void objectives_are_declared_in_micros() {
    Workspace workspace;
    StreamSpec stream;
    stream.name = "sales";
    stream.objectives.p99 = std::chrono::milliseconds(100);
    stream.objectives.availability = 0.999;
    workspace.streams = {stream};
    const auto declarations = declare_pipelines(workspace, LineageGraph::build(workspace));
    QCOMPARE(declarations[0].objective_p99, 100'000);
    QCOMPARE(declarations[0].objective_availability, 0.999);
    QCOMPARE(declarations[0].pods_wanted, 1);
  }

  void a_silent_pipeline_leaves_a_hole() {
    TelemetryChanges full;
    full.at = 5'000'000;
    PipelineState state;
    state.name = "sales";
    state.status = PipelineStatus::running;
    state.rows_per_second = 12;
    state.watermark = 3'000'000;
    full.pipelines = {state};
    state.name = "loyalty";
    state.status = PipelineStatus::unknown;
    full.pipelines.push_back(state);
    const auto samples = samples_of(full);
    QCOMPARE(samples.size(), std::size_t{3});
    QCOMPARE(samples[0].name, std::string("pipeline/sales/rows_per_second"));
    QCOMPARE(samples[0].value, 12.0);
    QCOMPARE(samples[2].name, std::string("pipeline/sales/event_time_lag"));
    QCOMPARE(samples[2].value, 2'000'000.0);
    QCOMPARE(unit_of_series(samples[0].name), std::string("rows/s"));
    QCOMPARE(unit_of_series("edge/sales/a/b/p99"), std::string("us"));
    QCOMPARE(unit_of_series("nonsense"), std::string());
  }
};

QTEST_APPLESS_MAIN(PlacementTest)
#include "placement_test.moc"
