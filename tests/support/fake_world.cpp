#include "support/fake_world.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace penstock::test {
namespace {

const std::string long_name = "a_pipeline_whose_name_says_all_that_it_does_for_every_store_of_the_northern_region_";

constexpr int64_t second = 1'000'000;
constexpr int64_t minute = 60 * second;

struct Story { const char *name, *tenant; double rate; int p50_ms, p99_ms, pods; };

const std::vector<Story> stories = {
    {"loyalty", "retail-uk", 1'102, 8, 14, 3},      {"sales", "retail-uk", 12'480, 31, 64, 4},
    {"inventory", "retail-uk", 8'112, 22, 41, 2},   {"ecommerce_orders", "retail-uk", 3'907, 19, 38, 2},
    {"fulfilment", "retail-uk", 2'250, 24, 52, 1},  {"pos_returns", "retail-uk", 610, 18, 33, 1},
    {"price_changes", "pricing", 402, 21, 47, 1},   {"nightly_pricing", "pricing", 95, 12, 30, 1},
    {"customer_reports", "reports", 210, 40, 77, 1}, {"sensor_furnace", "plant-fr", 21'300, 9, 28, 2},
    {"sensor_float_line", "plant-fr", 18'040, 9, 26, 2}, {"supplier_edi", "pricing", 0, 0, 0, 0},
    {"web_clicks", "marketing", 41'900, 35, 79, 4}, {"fraud_features", "retail-uk", 12'480, 38, 81, 2},
};

void set_latency(v1::Latency* latency, int p50_ms, int p99_ms) {
  latency->set_count(p99_ms > 0 ? 10'000 : 0);
  latency->set_p50(p50_ms * 1'000);
  latency->set_p99(p99_ms * 1'000);
  latency->set_p999(p99_ms * 1'500);
  latency->set_max(p99_ms * 2'200);
}

}  // namespace

int64_t now_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

FakeWorld::FakeWorld(const FakeEngineOptions& given)
    : options(given), engine_id("fake-" + std::to_string(given.seed)), graph(given.bare ? v1::LineageGraph() : make_graph()), random_(given.seed) {
  if (!options.bare) {
    make_pipelines();
    make_pods();
    make_expectations();
    edges = make_edges(graph);
  }
  if (options.faults && !options.bare) {
    make_rejected();
    break_pod("loyalty-2");
    pods["loyalty-2"].set_phase_since(now_micros() - 252 * second);
    pipelines["loyalty"].set_status_since(now_micros() - 252 * second);
  }
  if (!options.bare) {
    log("info", "engine", "workspace retail applied, version 41");
    record({}, "apply workspace", "retail", "version 41 applied");
  }
  ticker_ = std::thread([this] {
    std::unique_lock lock(mutex);
    while (!stopping) {
      changed.wait_for(lock, std::chrono::milliseconds(100), [this] { return stopping; });
      if (!stopping && !stalled) tick();
    }
  });
}

FakeWorld::~FakeWorld() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  changed.notify_all();
  ticker_.join();
}

void FakeWorld::make_pipelines() {
  std::uniform_real_distribution<double> noise(0.85, 1.15);
  for (int i = 0; i < options.pipelines; ++i) {
    const bool told = i < static_cast<int>(stories.size());
    const Story extra{"", "retail-de", 500, 12, 30, 1};
    const Story& story = told ? stories[static_cast<size_t>(i)] : extra;
    v1::PipelineState state;
    state.set_name(told ? story.name : (options.long_names ? long_name : "extra_") + std::to_string(i));
    state.set_tenant(story.tenant);
    state.set_status(story.rate > 0 ? v1::PIPELINE_STATUS_RUNNING : v1::PIPELINE_STATUS_PAUSED);
    state.set_status_since(now_micros() - 90 * minute);
    state.set_rows_per_second(story.rate);
    state.set_behind_rows(0);
    state.set_behind_micros(story.rate > 0 ? 120'000 : 0);
    set_latency(state.mutable_queryable(), story.p50_ms, story.p99_ms);
    set_latency(state.mutable_visible(), story.p50_ms + 4'000, story.p99_ms + 9'800);
    state.set_objective_p99(story.p99_ms > 0 ? 100'000 : 0);
    state.set_pods_ready(story.pods);
    state.set_pods_wanted(story.pods);
    state.set_last_epoch(48'211 + i);
    state.set_last_epoch_at(now_micros());
    state.set_watermark(now_micros() - 2 * second);
    state.set_circuit("closed");
    state.set_version(41);
    state.set_state_bytes(212 << 20);
    state.mutable_rows()->set_in(static_cast<int64_t>(story.rate * 3'600));
    state.mutable_rows()->set_landed(static_cast<int64_t>(story.rate * 3'600));
    v1::SourceState* source = state.add_sources();
    source->set_name(state.name() == "sales" ? "pos.sales" : state.name());
    source->set_partitions(state.name() == "sales" ? fake_partitions : 1);
    source->set_kept_log_bytes(state.name() == "inventory" ? 184'000'000 : -1);
    if (state.name() == "sales") {
      state.set_objective_freshness(60'000'000);
      state.set_objective_availability(0.999);
    }
    if (state.name() == "fraud_features" || state.name() == "sales") {
      v1::SinkState* sink = state.add_sinks();
      sink->set_name(state.name() == "sales" ? "ops.velocity" : "scoring");
      sink->set_kind(state.name() == "sales" ? "postgres" : "http");
      sink->set_circuit("closed");
      sink->set_circuit_since(now_micros() - 90 * minute);
      sink->set_delivered_rows(912'004);
      sink->set_idempotent(state.name() == "sales");
      sink->set_tries_left(3);
    }
    if (state.name() == "inventory") {
      v1::SinkState* sink = state.add_sinks();
      sink->set_name("silver.delta");
      sink->set_kind("delta");
      sink->set_table("silver.inventory");
      sink->set_circuit("closed");
      sink->set_delivered_rows(48'100);
      sink->set_idempotent(true);
      sink->set_tries_left(3);
      sink->set_changed_rows(48'100);
      sink->set_written_rows(202'020);
    }
    for (int point = 0; point < 60; ++point) state.add_sparkline(story.rate * noise(random_));
    for (int cell = 0; cell < 10; ++cell) state.add_history(story.rate > 0 || cell < 5 ? 1 : 0);
    pipelines[state.name()] = state;
  }
}

void FakeWorld::make_pods() {
  int made = 0;
  const auto add = [&](const std::string& name, const std::vector<std::string>& runs) {
    v1::PodState pod;
    pod.set_name(name);
    pod.set_phase(v1::POD_PHASE_RUNNING);
    pod.set_phase_since(now_micros() - 90 * minute);
    pod.set_started_at(now_micros() - 91 * minute);
    for (const auto& pipeline : runs) pod.add_pipelines(pipeline);
    pod.set_cpu_percent(18);
    pod.set_memory_bytes(164ll << 20);
    pod.set_process_id(4'100 + made);
    pod.set_host("local");
    pod.set_last_heartbeat(now_micros());
    pods[name] = pod;
    ++made;
  };
  for (const char* name : {"loyalty-0", "loyalty-1", "loyalty-2"}) add(name, {"loyalty"});
  for (const char* name : {"sales-0", "sales-1", "sales-2", "sales-3"}) add(name, {"sales"});
  if (pipelines.contains("sales")) deal_shards("sales", 4);
  add("shared-0", {"inventory", "fulfilment", "pos_returns", "price_changes"});
  add("shared-1", {"ecommerce_orders", "fraud_features", "web_clicks"});
  while (made < options.pods) add("worker-" + std::to_string(made), {"sensor_furnace"});
}

void FakeWorld::deal_shards(const std::string& pipeline, int count) {
  v1::PipelineState& state = pipelines[pipeline];
  state.set_shards(fake_shards);
  for (int number = 0; number < fake_shards; ++number) {
    const std::string name = pipeline + "-" + std::to_string(number);
    if (number >= count) {
      if (pods.erase(name) > 0) removed_pods.push_back(name);
      continue;
    }
    v1::PodState& pod = pods[name];
    if (pod.name().empty()) {
      std::erase(removed_pods, name);
      pod = pods[pipeline + "-0"];
      pod.set_name(name);
      pod.set_process_id(5'000 + number);
      pod.set_phase_since(now_micros());
      pod.set_started_at(now_micros());
    }
    pod.clear_shards();
    v1::PodShards* shards = pod.add_shards();
    shards->set_pipeline(pipeline);
    for (int shard = number; shard < fake_shards; shard += count) shards->add_shards(shard);
    touch("pod/" + name);
  }
  state.set_pods_wanted(count);
  state.set_pods_ready(count);
  touch("pipeline/" + pipeline);
}

void FakeWorld::make_expectations() {
  struct Check { const char *pipeline, *step, *name, *sql, *on_fail; int64_t recent; double rate, usual; };
  const std::vector<Check> checks = {
      {"sales", "silver", "known_store", "store_id IN (SELECT id FROM ref.stores)", "quarantine", 1'204, 0.031, 0.0002},
      {"sales", "source", "schema drift: till_version added", "", "drift", 0, 0, 0},
      {"sales", "silver", "qty_positive", "qty > 0", "quarantine", 2, 0, 0},
      {"loyalty", "silver", "points_in_range", "points BETWEEN 0 AND 100000", "warn", 3, 0, 0},
      {"inventory", "silver", "stock_not_negative", "on_hand >= 0", "drop", 0, 0, 0},
      {"web_clicks", "silver", "session_known", "session_id IS NOT NULL", "warn", 0, 0, 0},
  };
  for (const Check& check : checks) {
    const bool failing = options.faults && check.rate > 0;
    v1::ExpectationState state;
    state.set_pipeline(check.pipeline);
    state.set_step(check.step);
    state.set_name(check.name);
    state.set_sql(check.sql);
    state.set_on_fail(check.on_fail);
    state.set_checked(1'100'000);
    state.set_failed_recently(failing || check.rate == 0 ? check.recent : 0);
    state.set_failed(state.failed_recently() + 9);
    state.set_rate(failing ? check.rate : 0);
    state.set_usual_rate(check.usual);
    if (failing) state.set_last_failed_at(now_micros());
    for (int i = 0; i < 60; ++i) state.add_trend(failing && i > 48 ? check.rate : check.usual);
    expectations[state.pipeline() + "/" + state.step() + "/" + state.name()] = state;
  }
}

void FakeWorld::make_rejected() {
  constexpr int stores[] = {118, 118, 121, 131, 119, 124, 118, 130, 127, 122};
  constexpr const char* skus[] = {"TEA-0410", "BRD-1120", "MLK-0021", "APL-7702", "CHS-3301"};
  stores_csv = "id,name\n101,Leeds\n102,York\n";
  for (int i = 0; i < 1'204; ++i) {
    v1::RejectedRow& row = rejected.emplace_back();
    const int64_t offset = 88'120'394 + i * 37;
    const int store = stores[i % 10];
    row.set_id("sales/pos.sales/3/" + std::to_string(offset) + "/0");
    row.set_stream("sales");
    row.set_table("quarantine");
    row.set_step("silver");
    row.set_expectation("known_store");
    row.set_reason("store_id " + std::to_string(store) + " is not in ref.stores (412 stores)");
    row.set_key(std::to_string(store) + "-0" + std::to_string(20'481 + i * 731));
    row.mutable_origin()->set_source("pos.sales");
    row.mutable_origin()->set_partition(3);
    row.mutable_origin()->set_offset(offset);
    row.set_source_time(now_micros() - 11 * minute + i * 500'000);
    row.set_rejected_at(row.source_time() + 6'000);
    row.set_status("open");
    row.add_values()->set_text(row.key());
    row.add_values()->set_integer(store);
    row.add_values()->set_text(skus[i % 5]);
    row.add_values()->set_integer(1 + i % 6);
    row.add_values()->set_text(std::to_string(1 + i % 9) + ".40");
    row.add_values()->set_time(row.source_time());
    row.set_raw_bytes(212);
  }
  pipelines["sales"].set_failing_rows(1'204);
  pipelines["sales"].mutable_rows()->set_quarantined(1'204);
  for (int i = 7; i < 10; ++i) pipelines["sales"].set_history(i, 2);
}

void FakeWorld::break_sink(const std::string& pipeline, const std::string& circuit) {
  v1::PipelineState& state = pipelines[pipeline];
  v1::SinkState& sink = *state.mutable_sinks(0);
  sink.set_circuit(circuit);
  sink.set_circuit_since(now_micros() - 12 * second);
  sink.set_failed_tries(circuit == "closed" ? 2 : 7);
  sink.set_tries_left(circuit == "closed" ? 1 : 0);
  sink.set_failing_since(now_micros() - 30 * second);
  sink.set_next_try(now_micros() + 20 * second);
  sink.set_waiting_rows(18'240);
  sink.set_error("connection refused by ops-db:5432");
  state.set_circuit(circuit);
  touch("pipeline/" + pipeline);
}

void FakeWorld::break_pod(const std::string& name) {
  v1::PodState& pod = pods[name];
  pod.set_phase(v1::POD_PHASE_STUCK);
  pod.set_phase_since(now_micros());
  pod.set_reason("answers, but has closed no epoch while 182,400 rows wait");
  pod.set_behind_rows(182'400);
  touch("pod/" + name);
  for (const std::string& pipeline : pod.pipelines()) {
    v1::PipelineState& state = pipelines[pipeline];
    state.set_status(v1::PIPELINE_STATUS_STUCK);
    state.set_status_since(now_micros());
    state.set_reason("No epoch closed on " + name + " while 182,400 rows wait");
    state.set_rows_per_second(0);
    state.set_behind_rows(182'400);
    state.set_behind_micros(252 * second);
    state.set_pods_ready(state.pods_wanted() - 1);
    state.mutable_queryable()->Clear();
    for (int i = 40; i < state.sparkline_size(); ++i) state.set_sparkline(i, 0);
    state.set_history(6, 2);
    for (int i = 7; i < 10; ++i) state.set_history(i, 3);
    touch("pipeline/" + pipeline);
  }
  log("warning", name, "no epoch closed for 10 s, 182,400 rows wait in bronze.loyalty");
}

void FakeWorld::mend_pod(const std::string& name) {
  v1::PodState& pod = pods[name];
  pod.set_phase(v1::POD_PHASE_RUNNING);
  pod.set_phase_since(now_micros());
  pod.set_started_at(now_micros());
  pod.set_restarts(pod.restarts() + 1);
  pod.clear_reason();
  pod.set_behind_rows(0);
  touch("pod/" + name);
  for (const std::string& pipeline : pod.pipelines()) {
    v1::PipelineState& state = pipelines[pipeline];
    state.set_status(v1::PIPELINE_STATUS_RUNNING);
    state.set_status_since(now_micros());
    state.clear_reason();
    state.set_rows_per_second(1'102);
    state.set_behind_rows(0);
    state.set_behind_micros(100'000);
    state.set_pods_ready(state.pods_wanted());
    set_latency(state.mutable_queryable(), 8, 14);
    touch("pipeline/" + pipeline);
  }
  log("info", name, "resumed from epoch 48,211");
}

std::vector<v1::Attention> FakeWorld::attention() const {
  std::vector<v1::Attention> list;
  for (const auto& [name, pod] : pods) {
    if (pod.phase() != v1::POD_PHASE_STUCK) continue;
    v1::Attention& card = list.emplace_back();
    card.set_id("pod/" + name);
    card.set_severity("failing");
    card.set_subject((options.long_names ? long_name : name) + " is stuck");
    card.set_impact("Holds back 3 tables, 2 dashboards · fraud features late");
    card.set_detail("No epoch closed · answers · 182,400 rows wait · changed before: sales v41 applied");
    card.set_since(pod.phase_since());
    card.set_pipeline(pod.pipelines_size() > 0 ? pod.pipelines(0) : "");
    card.set_pod(name);
    card.set_first_action("reset");
  }
  const auto open = std::count_if(rejected.begin(), rejected.end(), [](const auto& row) { return row.status() == "open"; });
  if (open > 0) {
    v1::Attention& card = list.emplace_back();
    card.set_id("expectation/sales/silver/known_store");
    card.set_severity("warning");
    card.set_subject("known_store fails 3.1 % of " + (options.long_names ? long_name : "sales"));
    card.set_impact(std::to_string(open) + " rows in quarantine · usual rate 0.02 %");
    card.set_detail("All from till software 8.2 in stores 118–131");
    card.set_since(now_micros() / minute * minute - 11 * minute);
    card.set_pipeline("sales");
    card.set_expectation("known_store");
    card.set_first_action("show_rows");
  }
  return list;
}

v1::TelemetryUpdate FakeWorld::update_since(uint64_t after, bool full) const {
  v1::TelemetryUpdate update;
  update.set_engine_id(engine_id);
  update.set_sequence(sequence);
  update.set_at(now_micros() - lag_micros);
  update.set_full(full);
  const auto is_new = [&](const std::string& key) {
    if (full) return true;
    const auto found = changed_at.find(key);
    return found != changed_at.end() && found->second > after;
  };
  for (const auto& [name, state] : pipelines) if (is_new("pipeline/" + name)) *update.add_pipelines() = state;
  for (const auto& [name, state] : pods) if (is_new("pod/" + name)) *update.add_pods() = state;
  for (const std::string& name : removed_pods) update.add_removed_pods(name);
  for (const auto& [name, state] : expectations) if (is_new("expectation/" + name)) *update.add_expectations() = state;
  for (const auto& [name, state] : replays) if (is_new("replay/" + name)) *update.add_replays() = state;
  for (const auto& state : edges) if (is_new("edge/" + state.from() + state.to())) *update.add_edges() = state;
  for (auto& card : attention()) *update.add_attention() = card;
  update.set_attention_changed(true);
  for (const auto& [id, replay] : replays) {
    if (replay.status() != "running") continue;
    v1::BackgroundWork* work = update.add_background();
    work->set_id(id);
    work->set_title("Redrive " + replay.pipeline());
    work->set_fraction(replay.rows_total() ? static_cast<double>(replay.rows_done()) / static_cast<double>(replay.rows_total()) : -1);
    work->set_rows_per_second(replay.rows_per_second());
    work->set_time_left(second);
  }
  return update;
}

void FakeWorld::publish() {
  ++sequence;
  changed.notify_all();
}

void FakeWorld::log(const std::string& level, const std::string& origin, const std::string& text) {
  v1::LogLine& line = logs.emplace_back();
  line.set_at(now_micros());
  line.set_level(level);
  line.set_origin(origin);
  line.set_text(text);
}

void FakeWorld::record(const v1::Command& command, const std::string& action, const std::string& target,
                       const std::string& outcome) {
  v1::AuditEntry& entry = audit.emplace_back();
  entry.set_command_id(command.id());
  entry.set_who("operator");
  entry.set_at(now_micros());
  entry.set_action(action);
  entry.set_target(target);
  entry.set_why(command.why());
  entry.set_outcome(outcome);
  commands.push_back(action + " " + target);
  if (!command.id().empty()) outcomes[command.id()] = outcome;
}

void FakeWorld::tick() {
  for (auto& [id, replay] : replays) {
    if (replay.status() != "running") continue;
    const auto step = replay.rate_limit() > 0 ? static_cast<int64_t>(replay.rate_limit() / 10) : replay.rows_total() / 10;
    replay.set_rows_done(std::min(replay.rows_total(), replay.rows_done() + std::max<int64_t>(1, step)));
    if (replay.rows_done() == replay.rows_total()) {
      replay.set_status("done");
      replay.set_ended_at(now_micros());
      replay.set_outcome(std::to_string(replay.rows_total()) + " of " + std::to_string(replay.rows_total()) + " rows passed · 0 lost · 0 doubled");
    }
    touch("replay/" + id);
  }
  if (flood) log("debug", "loyalty-0", "epoch closed, line " + std::to_string(logs.size()));
  if (options.moving) {
    std::uniform_real_distribution<double> walk(0.97, 1.03);
    std::uniform_int_distribution<int> dice(0, 3);
    for (auto& [name, state] : pipelines) {
      if (state.status() != v1::PIPELINE_STATUS_RUNNING || dice(random_) != 0) continue;
      const double rate = state.rows_per_second() * walk(random_);
      state.set_rows_per_second(rate);
      state.set_behind_micros(static_cast<int64_t>(100'000 * walk(random_)));
      state.set_last_epoch(state.last_epoch() + 1);
      state.set_last_epoch_at(now_micros());
      state.mutable_rows()->set_in(state.rows().in() + static_cast<int64_t>(rate / 10));
      state.mutable_rows()->set_landed(state.rows().in() - state.rows().quarantined());
      touch("pipeline/" + name);
    }
    for (auto& [name, pod] : pods) {
      if (pod.phase() != v1::POD_PHASE_RUNNING || dice(random_) != 0) continue;
      pod.set_cpu_percent(std::clamp(pod.cpu_percent() * walk(random_), 2.0, 95.0));
      pod.set_last_heartbeat(now_micros());
      touch("pod/" + name);
    }
  }
  publish();
}

}  // namespace penstock::test
