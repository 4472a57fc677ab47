#include "connectors/simulate/simulate_connector.h"

#include <QTemporaryDir>
#include <QTest>

#include <future>
#include <map>
#include <set>

using namespace penstock;

namespace {

Setting text(std::string value) { return {.kind = Setting::Kind::text, .text = std::move(value)}; }

Setting map_of(std::initializer_list<std::pair<std::string, std::string>> entries) {
  Setting map{.kind = Setting::Kind::map};
  for (const auto& [key, value] : entries) map.entries.emplace_back(key, text(value));
  return map;
}

// Starts at a fixed time, ten events a second over two partitions.
Settings plain(std::initializer_list<std::pair<std::string, std::string>> more = {}, std::vector<Setting> faults = {}) {
  Setting root = map_of({{"system", "pos_sales"}, {"rate", "10"}, {"partitions", "2"}, {"diurnal", "false"}});
  for (const auto& [key, value] : more) root.entries.emplace_back(key, text(value));
  if (!faults.empty()) root.entries.emplace_back("faults", Setting{.kind = Setting::Kind::list, .items = std::move(faults)});
  return Settings(root);
}

const Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(9);

using Rows = std::map<Position, std::string>;

}  // namespace

class SimulateSourceTest : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void a_record_of_pos_sales_is_this_one();
  void every_system_gives_objects_with_unique_ids();
  void any_position_reads_the_same_again_after_a_restart();
  void another_seed_gives_other_records();
  void first_start_begins_now_and_a_restart_goes_on_there();
  void a_store_stays_in_its_partition();
  void limit_ends_the_source_after_exactly_that_many_rows();
  void until_ends_a_replayed_range();
  void head_moves_with_the_clock();
  void faults_hit_only_in_their_window();
  void duplicate_repeats_an_earlier_record_to_the_byte();
  void late_moves_the_event_time_back_but_not_the_source_time();
  void dead_source_is_unavailable_and_comes_back_without_a_gap();
  void stuck_hangs_until_cancelled_and_is_over_in_the_next_life();
  void a_position_ahead_of_the_head_is_refused();
  void wrong_settings_are_named();

 private:
  std::unique_ptr<Source> make(const Settings& settings, const std::string& state_dir = {});
  Rows read(Source& source, std::vector<Assignment> assignments);
  Rows poll(Source& source);

  ManualClock clock_{kNow};
};

void SimulateSourceTest::init() { clock_.advance(kNow - clock_.now()); }

std::unique_ptr<Source> SimulateSourceTest::make(const Settings& settings, const std::string& state_dir) {
  ConnectorContext context;
  context.clock = &clock_;
  context.state_dir = state_dir;
  auto source = simulate_connector().make_source({}, settings, context);
  if (!source.ok()) qFatal("%s", source.error().to_string().c_str());
  return std::move(*source);
}

Rows SimulateSourceTest::poll(Source& source) {
  Rows rows;
  for (;;) {
    RawBatch batch;
    const auto outcome = source.poll(batch, {.rows = 97, .wait = std::chrono::milliseconds(0)}, {});
    if (!outcome.ok()) qFatal("%s", outcome.error().to_string().c_str());
    for (std::int64_t row = 0; row < batch.rows(); ++row) rows.emplace(batch[row].position, batch[row].value);
    if (*outcome != PollOutcome::rows) return rows;
  }
}

Rows SimulateSourceTest::read(Source& source, std::vector<Assignment> assignments) {
  const Status assigned = source.assign(assignments);
  if (!assigned.ok()) qFatal("%s", assigned.error().to_string().c_str());
  return poll(source);
}

void SimulateSourceTest::a_record_of_pos_sales_is_this_one() {
  const auto source = make(plain({{"start_at", "2026-11-20T08:00:00Z"}}));
  const Rows rows = read(*source, {{.partition = 1, .from = 7, .until = 8}});
  QCOMPARE(rows.size(), std::size_t(1));
  QCOMPARE(rows.at({1, 7}),
           std::string(R"({"event_id":"pos-1-7","store_id":30,"register":4,"cashier_id":"C-1173","sku":"SKU-10028","qty":5,"unit_price":41.33,"discount":0.89,)"
                       R"("currency":"EUR","payment_method":"card","customer_email":"customer4157@example.com","sold_at":"2026-11-20T08:00:01.500Z"})"));
}

void SimulateSourceTest::every_system_gives_objects_with_unique_ids() {
  const Connector connector = simulate_connector();
  const auto& choices = connector.source_settings.front().choices;
  QCOMPARE(choices.size(), std::size_t(12));
  for (const std::string& system : choices) {
    Setting root = map_of({{"system", system}, {"start_at", "2026-11-20T08:00:00Z"}, {"limit", "200"}});
    const auto source = make(Settings(root));
    QCOMPARE(source->name(), system);
    std::set<std::string> ids;
    for (const auto& [position, json] : read(*source, {{.partition = 0}, {.partition = 1}, {.partition = 2}, {.partition = 3}})) {
      QVERIFY(json.starts_with("{\"event_id\":\""));
      QVERIFY(json.ends_with("\"}"));
      ids.insert(json.substr(0, json.find(',')));
    }
    QCOMPARE(ids.size(), std::size_t(200));
  }
}

void SimulateSourceTest::any_position_reads_the_same_again_after_a_restart() {
  const Settings settings = plain({{"start_at", "2026-11-20T08:50:00Z"}});
  const Rows whole = read(*make(settings), {{.partition = 0}, {.partition = 1}});
  QCOMPARE(whole.size(), std::size_t(6001));
  const Rows tail = read(*make(settings), {{.partition = 0, .from = 1234}, {.partition = 1, .from = 3000}});
  QCOMPARE(tail.size(), std::size_t(3001 - 1234));
  for (const auto& [position, json] : tail) QCOMPARE(json, whole.at(position));
}

void SimulateSourceTest::another_seed_gives_other_records() {
  const Rows one = read(*make(plain({{"start_at", "2026-11-20T08:59:00Z"}})), {{.partition = 0, .from = 0, .until = 1}});
  const Rows two = read(*make(plain({{"start_at", "2026-11-20T08:59:00Z"}, {"seed", "7"}})), {{.partition = 0, .from = 0, .until = 1}});
  QVERIFY(one.at({0, 0}) != two.at({0, 0}));
}

void SimulateSourceTest::first_start_begins_now_and_a_restart_goes_on_there() {
  QTemporaryDir folder;
  const Settings settings = plain();
  const std::string state = folder.filePath("state").toStdString();
  QCOMPARE(read(*make(settings, state), {{.partition = 0}, {.partition = 1}}).size(), std::size_t(0));
  clock_.advance(std::chrono::seconds(3));
  // Killed before it saved a position: it begins again where it first began, so nothing is left out.
  QCOMPARE(read(*make(settings, state), {{.partition = 0}, {.partition = 1}}).size(), std::size_t(30));
}

void SimulateSourceTest::a_store_stays_in_its_partition() {
  const auto source = make(plain({{"start_at", "2026-11-20T08:50:00Z"}}));
  QVERIFY(source->assign({{.partition = 0}, {.partition = 1}}).ok());
  std::map<std::string, std::set<std::int32_t>> partitions_of;
  RawBatch batch;
  QVERIFY(source->poll(batch, {}, {}).ok());
  for (std::int64_t row = 0; row < batch.rows(); ++row) partitions_of[std::string(batch[row].key)].insert(batch[row].position.partition);
  QCOMPARE(partitions_of.size(), std::size_t(40));
  for (const auto& [store, partitions] : partitions_of) QCOMPARE(partitions.size(), std::size_t(1));
}

void SimulateSourceTest::limit_ends_the_source_after_exactly_that_many_rows() {
  const auto source = make(plain({{"start_at", "2026-11-20T08:00:00Z"}, {"limit", "1001"}}));
  QVERIFY(source->finite());
  const Rows rows = read(*source, {{.partition = 0}, {.partition = 1}});
  QCOMPARE(rows.size(), std::size_t(1001));
  RawBatch batch;
  QVERIFY(*source->poll(batch, {}, {}) == PollOutcome::ended);
  const auto ranges = source->partitions();
  QCOMPARE(ranges->at(0).head, 501);
  QCOMPARE(ranges->at(1).head, 500);
}

void SimulateSourceTest::until_ends_a_replayed_range() {
  const auto source = make(plain({{"start_at", "2026-11-20T08:00:00Z"}}));
  const Rows rows = read(*source, {{.partition = 1, .from = 100, .until = 250}});
  QCOMPARE(rows.size(), std::size_t(150));
  QCOMPARE(rows.begin()->first.offset, 100);
  RawBatch batch;
  QVERIFY(*source->poll(batch, {}, {}) == PollOutcome::ended);
}

void SimulateSourceTest::head_moves_with_the_clock() {
  const auto source = make(plain({{"start_at", "2026-11-20T08:59:50Z"}}));
  QCOMPARE(source->partitions()->at(0).head, 51);
  clock_.advance(std::chrono::seconds(2));
  QCOMPARE(source->partitions()->at(0).head, 61);
}

void SimulateSourceTest::faults_hit_only_in_their_window() {
  const auto source = make(plain({{"start_at", "2026-11-20T08:00:00Z"}, {"faults_from", "2026-11-20T08:00:00Z"}},
                                 {map_of({{"kind", "broken_json"}, {"after", "100s"}, {"for", "100s"}, {"rate", "1"}}),
                                  map_of({{"kind", "unknown_store"}, {"after", "300s"}, {"for", "100s"}, {"rate", "1"}, {"stores", "77"}}),
                                  map_of({{"kind", "new_column"}, {"after", "500s"}, {"for", "100s"}, {"rate", "0.5"}})}));
  int broken = 0, unknown = 0, added = 0;
  for (const auto& [position, json] : read(*source, {{.partition = 0, .from = 0, .until = 5000}})) {
    const std::int64_t second = position.offset / 5;
    const bool is_broken = !json.ends_with('}');
    const bool is_unknown = json.find("\"store_id\":77,") != std::string::npos;
    const bool has_added = json.find("\"till_version\":\"7.2.1\"") != std::string::npos;
    QCOMPARE(is_broken, second >= 100 && second < 200);
    QCOMPARE(is_unknown, second >= 300 && second < 400);
    if (has_added) QVERIFY(second >= 500 && second < 600);
    broken += is_broken, unknown += is_unknown, added += has_added;
  }
  QCOMPARE(broken, 500);
  QCOMPARE(unknown, 500);
  QVERIFY(added > 200 && added < 300);
}

void SimulateSourceTest::duplicate_repeats_an_earlier_record_to_the_byte() {
  const auto source = make(plain({{"start_at", "2026-11-20T08:00:00Z"}, {"faults_from", "2026-11-20T08:00:00Z"}},
                                 {map_of({{"kind", "duplicate"}, {"rate", "0.1"}})}));
  const Rows rows = read(*source, {{.partition = 0, .from = 0, .until = 2000}});
  int repeated = 0;
  for (const auto& [position, json] : rows) {
    const std::string own_id = "\"pos-0-" + std::to_string(position.offset) + "\"";
    if (json.find(own_id) != std::string::npos) continue;
    ++repeated;
    const std::int64_t original = std::stoll(json.substr(json.find("pos-0-") + 6));
    QVERIFY(original < position.offset && original >= position.offset - 20);
  }
  QVERIFY(repeated > 140 && repeated < 260);
}

void SimulateSourceTest::late_moves_the_event_time_back_but_not_the_source_time() {
  const auto source = make(plain({{"start_at", "2026-11-20T08:00:00Z"}, {"faults_from", "2026-11-20T08:00:00Z"}},
                                 {map_of({{"kind", "late"}, {"rate", "1"}, {"by", "7m"}})}));
  QVERIFY(source->assign({{.partition = 0, .from = 0, .until = 1}}).ok());
  RawBatch batch;
  QVERIFY(source->poll(batch, {}, {}).ok());
  QVERIFY(std::string(batch[0].value).ends_with("\"sold_at\":\"2026-11-20T07:53:00.000Z\"}"));
  QCOMPARE(to_iso8601(from_micros(batch[0].source_time_micros)), std::string("2026-11-20T08:00:00.000Z"));
}

void SimulateSourceTest::dead_source_is_unavailable_and_comes_back_without_a_gap() {
  const auto source = make(plain({{"start_at", "2026-11-20T09:00:00Z"}, {"faults_from", "2026-11-20T09:00:00Z"}},
                                 {map_of({{"kind", "dead_source"}, {"after", "10s"}, {"for", "20s"}})}));
  QVERIFY(source->assign({{.partition = 0}, {.partition = 1}}).ok());
  clock_.advance(std::chrono::seconds(5));
  QCOMPARE(poll(*source).size(), std::size_t(51));
  clock_.advance(std::chrono::seconds(10));
  RawBatch batch;
  const auto dead = source->poll(batch, {.wait = std::chrono::milliseconds(1)}, {});
  QVERIFY(!dead.ok());
  QVERIFY(dead.error().kind == ErrorKind::unavailable);
  QVERIFY(source->partitions().error().kind == ErrorKind::unavailable);
  clock_.advance(std::chrono::seconds(15));
  QCOMPARE(poll(*source).size(), std::size_t(250));
}

void SimulateSourceTest::stuck_hangs_until_cancelled_and_is_over_in_the_next_life() {
  QTemporaryDir folder;
  const std::string state = folder.filePath("state").toStdString();
  const Settings settings = plain({{"start_at", "2026-11-20T08:59:00Z"}}, {map_of({{"kind", "stuck"}})});
  const auto source = make(settings, state);
  QVERIFY(source->assign({{.partition = 0}}).ok());
  CancellationSource cancel;
  auto polled = std::async(std::launch::async, [&] {
    RawBatch batch;
    return source->poll(batch, {}, cancel.get_token());
  });
  QVERIFY(polled.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout);
  cancel.request_stop();
  const auto outcome = polled.get();
  QVERIFY(!outcome.ok());
  QVERIFY(outcome.error().kind == ErrorKind::cancelled);

  QCOMPARE(read(*make(settings, state), {{.partition = 0}}).size(), std::size_t(301));
}

void SimulateSourceTest::a_position_ahead_of_the_head_is_refused() {
  const auto source = make(plain({{"start_at", "2026-11-20T08:00:00Z"}}));
  const Status ahead = source->assign({{.partition = 0, .from = 1'000'000}});
  QVERIFY(!ahead.ok());
  QVERIFY(ahead.error().kind == ErrorKind::failed_precondition);
  const Status unknown = source->assign({{.partition = 2}});
  QVERIFY(unknown.error().kind == ErrorKind::not_found);
}

void SimulateSourceTest::wrong_settings_are_named() {
  const auto error_of = [](const Settings& settings) {
    const auto source = simulate_connector().make_source({}, settings, {});
    return source.ok() ? std::string() : source.error().message;
  };
  QCOMPARE(error_of(Settings(map_of({{"system", "tills"}}))), std::string("there is no system 'tills' to simulate"));
  QCOMPARE(error_of(plain({{"start_at", "yesterday"}})), std::string("'yesterday' is not a time; write it as 2026-11-20T08:00:00Z"));
  QCOMPARE(error_of(plain({}, {map_of({{"kind", "fire"}})})),
           std::string("unknown fault 'fire', expected one of broken_json, unknown_store, duplicate, late, new_column, burst, dead_source, stuck"));
  QCOMPARE(error_of(plain({}, {map_of({{"kind", "late"}, {"rate", "3"}})})),
           std::string("the 'rate' of a fault is a share of the rows, from 0 to 1"));
  QCOMPARE(error_of(plain({}, {map_of({{"kind", "late"}, {"when", "now"}})})),
           std::string("unknown key 'when' in a fault, expected kind, after, for, every, rate, by or stores"));
}

QTEST_APPLESS_MAIN(SimulateSourceTest)
#include "simulate_source_test.moc"
