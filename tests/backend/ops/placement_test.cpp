#include <QTest>

#include <cmath>
#include <limits>
#include <map>

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

  void a_shard_moves_only_where_its_turn_falls_to_another_pod() {
    StreamSpec stream;
    stream.name = "sales";
    stream.shards = 5;
    const auto moves = moves_between(stream, 2, 3);
    QCOMPARE(moves.size(), std::size_t{3});
    QCOMPARE(moves[0].shard, 2);
    QCOMPARE(moves[0].from, std::string("sales-0"));
    QCOMPARE(moves[0].to, std::string("sales-2"));
    QCOMPARE(moves[2].shard, 4);
    QCOMPARE(moves[2].to, std::string("sales-1"));
    QVERIFY(moves_between(stream, 2, 2).empty());
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

  void an_objective_is_met_or_not_while_the_pipeline_is_to_run() {
    const auto met = [](PipelineState state) {
      TelemetryChanges full;
      full.pipelines = {std::move(state)};
      for (const SeriesSample& sample : samples_of(full))
        if (sample.name == "pipeline/sales/objective_met") return sample.value;
      return std::numeric_limits<double>::quiet_NaN();
    };
    PipelineState state;
    state.name = "sales";
    state.status = PipelineStatus::running;
    state.queryable = {100, 20'000, 90'000, 95'000, 99'000};
    QVERIFY(std::isnan(met(state)));            // it has no objective
    state.objective_p99 = 100'000;
    QCOMPARE(met(state), 1.0);
    state.queryable.p99 = 100'001;
    QCOMPARE(met(state), 0.0);
    state.queryable.p99 = 1;
    state.objective_freshness = 60'000'000;
    state.visible = {100, 1, 60'000'001, 1, 1};
    QCOMPARE(met(state), 0.0);
    state.visible = {};
    QCOMPARE(met(state), 1.0);
    state.status = PipelineStatus::stuck;
    QCOMPARE(met(state), 0.0);
    state.status = PipelineStatus::paused;
    QVERIFY(std::isnan(met(state)));
    QCOMPARE(unit_of_series("pipeline/sales/objective_met"), std::string("share"));
  }

  void partitions_and_kept_logs_have_series() {
    TelemetryChanges full;
    PipelineState state;
    state.name = "sales";
    state.status = PipelineStatus::running;
    state.sources = {{"pos.sales", 2, 30, -1}, {"orders", 1, 0, 4'096}};
    state.partitions = {{"pos.sales", 1, 12.5, 30}};
    full.pipelines = {state};
    std::map<std::string, double> samples;
    for (const SeriesSample& sample : samples_of(full)) samples[sample.name] = sample.value;
    QCOMPARE(samples.at("partition/sales/pos.sales/1/rows_per_second"), 12.5);
    QCOMPARE(samples.at("partition/sales/pos.sales/1/behind_rows"), 30.0);
    QCOMPARE(samples.at("source/sales/orders/kept_log_bytes"), 4'096.0);
    QVERIFY(!samples.contains("source/sales/pos.sales/kept_log_bytes"));
    QCOMPARE(unit_of_series("source/sales/orders/kept_log_bytes"), std::string("bytes"));
  }
};

QTEST_APPLESS_MAIN(PlacementTest)
#include "placement_test.moc"
