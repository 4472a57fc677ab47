#include "backend/workspace/workspace_texts.h"

using namespace penstock;
using namespace penstock::testing;

namespace {

constexpr auto kSource = "stream: s\nsource: { simulate: { system: pos } }\n";

}  // namespace

// Each case is one mistake and the one line that the loader says about it.
class StreamErrorsTest : public QObject {
  Q_OBJECT
 private slots:
  void one_mistake_is_one_problem_data() {
    QTest::addColumn<QString>("pipeline");
    QTest::addColumn<QString>("problem");
    const auto step = [](const char* text) { return QString(kSource) + "steps:\n  a: " + text + "\n"; };
    const auto sink = [](const char* text) { return QString(kSource) + "steps: { a: { land: bronze.a } }\nsinks:\n  - " + text + "\n"; };
    const auto option = [](const char* text) { return QString(kSource) + "steps: { a: { land: bronze.a } }\n" + text + "\n"; };

    QTest::newRow("no name") << "source: { simulate: { system: pos } }\nsteps: { a: { land: bronze.a } }\n"
                             << "pipelines/p.yaml:1:1: a stream has no 'stream'; expected a name: letters, digits and _, not starting with a digit";
    QTest::newRow("no source") << "stream: s\nsteps: { a: { land: bronze.a } }\n"
                               << "pipelines/p.yaml:1:1: a stream has no 'source'; expected where its rows come from: source: { kafka: { … } }";
    QTest::newRow("no steps") << QString(kSource)
                              << "pipelines/p.yaml:1:1: a stream has no 'steps'; expected at least one step: { bronze: { land: bronze.sales } }";
    QTest::newRow("job") << "job: nightly\n" << "pipelines/p.yaml:1:1: jobs come in a later version; expected stream: NAME with source, steps and sinks";
    QTest::newRow("source kind") << "stream: s\nsource: { simulat: { system: pos } }\nsteps: { a: { land: bronze.a } }\n"
                                 << "pipelines/p.yaml:2:11: unknown source kind 'simulat'; expected one of kafka, simulate (did you mean 'simulate'?)";
    QTest::newRow("dead letters elsewhere") << "stream: s\nsource: { simulate: { system: pos } }\nsteps: { a: { land: bronze.a } }\nsinks:\n  - { from: dead_letters, delta: gold.dead }\n"
                                            << "pipelines/p.yaml:5:27: dead letters go to a kafka sink; expected { from: dead_letters, kafka: { connection, topic } }; the table "
                                               "dead_letters.s has them in any case";
    QTest::newRow("later source") << "stream: s\nsource: { kinesis: { stream: x } }\nsteps: { a: { land: bronze.a } }\n"
                                  << "pipelines/p.yaml:2:11: the source kind 'kinesis' comes in a later version; expected one of kafka, simulate";
    QTest::newRow("source choice") << "stream: s\nsource: { simulate: { system: poss } }\nsteps: { a: { land: bronze.a } }\n"
                                   << "pipelines/p.yaml:2:31: 'poss' cannot be 'system'; expected one of pos, inventory (did you mean 'pos'?)";
    QTest::newRow("source setting") << "stream: s\nsource: { simulate: { system: pos, rat: 3 } }\nsteps: { a: { land: bronze.a } }\n"
                                    << "pipelines/p.yaml:2:36: unknown key 'rat' in the simulate source; expected one of connection, contract, format, "
                                       "partitioned_by, system, rate, seed, faults (did you mean 'rate'?)";
    QTest::newRow("contract") << "stream: s\nsource: { simulate: { system: pos, contract: contracts/x.json } }\nsteps: { a: { land: bronze.a } }\n"
                              << "pipelines/p.yaml:2:46: there is no contract 'contracts/x.json'; expected a file in contracts/";
    QTest::newRow("contract of a registry") << "stream: s\nsource: { simulate: { system: pos, contract: \"registry:sales@new\", format: json } }\nsteps: { a: { land: bronze.a } }\n"
                                            << "pipelines/p.yaml:2:46: 'registry:sales@new' names no subject of a registry; expected registry:pos.sales-value, or with a version: "
                                               "registry:pos.sales-value@3";
    QTest::newRow("format") << "stream: s\nsource: { simulate: { system: pos, format: jsn } }\nsteps: { a: { land: bronze.a } }\n"
                            << "pipelines/p.yaml:2:44: the format 'jsn' cannot be read in this version; expected one of json, csv, debezium (did you mean 'json'?)";
    QTest::newRow("connection kind") << "stream: s\nsource: { kafka: { topic: t } }\nsteps: { a: { land: bronze.a } }\n"
                                     << "pipelines/p.yaml:2:18: the kafka source has no 'connection'; expected the name of a connection in connections.yaml";
    QTest::newRow("several sources") << "stream: s\nsources: { x: { simulate: { system: pos } }, y: { simulate: { system: pos } } }\nsteps: { a: { land: bronze.a } }\n"
                                     << "pipelines/p.yaml:3:10: the step 'a' of a stream with several sources has no 'from'; expected one of x, y";
    QTest::newRow("from") << step("{ from: sorce, land: bronze.a }")
                          << "pipelines/p.yaml:4:14: the step 'a' reads from 'sorce', which is neither a source nor a step; expected one of source, a "
                             "(did you mean 'source'?)";
    QTest::newRow("circle") << step("{ from: b, land: bronze.a }\n  b: { from: a }")
                            << "pipelines/p.yaml:4:14: the steps feed each other in a circle: a ← b ← a; expected steps that lead from a source to a sink";
    QTest::newRow("itself") << step("{ from: [source, a], land: bronze.a }")
                            << "pipelines/p.yaml:4:14: the steps feed each other in a circle: a ← a; expected steps that lead from a source to a sink";
    QTest::newRow("aggregate without key") << step("{ aggregate: { ttl: 1d }, sql: SELECT 1 }")
                                           << "pipelines/p.yaml:4:19: an aggregate has no 'key'; expected the columns that the SQL groups by: key: [sku]";
    QTest::newRow("aggregate without sql") << step("{ aggregate: { key: [sku] } }") << "pipelines/p.yaml:4:6: the step 'a' has no 'sql'; expected the SQL over the rows of a key";
    QTest::newRow("aggregate for no time") << step("{ aggregate: { key: [sku], ttl: 0s }, sql: SELECT 1 }")
                                           << "pipelines/p.yaml:4:38: a key would be forgotten at once; expected a duration such as 30d, or no ttl";
    QTest::newRow("aggregate and window") << step("{ aggregate: { key: [sku] }, window: { tumbling: 1m, time: t }, sql: SELECT 1 }")
                                          << "pipelines/p.yaml:4:35: 'window' and 'aggregate' are two kinds of steps; expected one of them";
    QTest::newRow("aggregate of changes") << step("{ aggregate: { key: [sku] }, sql: SELECT 1 }\n  b: { aggregate: { key: [x] }, sql: SELECT 2 }")
                                          << "pipelines/p.yaml:5:19: an aggregate cannot take rows that come again: the changes of the step 'a'; "
                                             "expected an aggregate over steps above it, or over one that gives its rows once";
    QTest::newRow("dedupe of changes") << step("{ aggregate: { key: [sku] }, sql: SELECT 1, dedupe: { key: sku, within: 1h } }")
                                       << "pipelines/p.yaml:4:58: dedupe would leave out rows that come again: the changes of the step 'a'; "
                                          "expected no dedupe here: a row takes the place of the one before";
    const auto changes = [](const char* steps) {
      return QString("stream: s\nsource: { simulate: { system: pos, format: debezium, key: [id] } }\nsteps:\n  a: ") + steps + "\n";
    };
    QTest::newRow("changes without a key") << "stream: s\nsource: { simulate: { system: pos, format: debezium } }\nsteps: { a: { land: silver.a } }\n"
                                           << "pipelines/p.yaml:2:21: the simulate source has no 'key'; expected the columns of the table's primary key: key: [id]";
    QTest::newRow("a key without changes") << "stream: s\nsource: { simulate: { system: pos, key: [id] } }\nsteps: { a: { land: bronze.a } }\n"
                                           << "pipelines/p.yaml:2:36: 'key' is for records that are changes, and format 'json' gives rows that are each new; expected format: debezium, or no key";
    QTest::newRow("window of a source's changes") << changes("{ window: { tumbling: 1m, time: t }, sql: SELECT 1 }")
                                                  << "pipelines/p.yaml:4:16: a window cannot take rows that come again: the changes of the source 'source'; "
                                                     "expected a window over steps above it, or one that gives its rows once";
    QTest::newRow("dedupe of a source's changes") << changes("{ sql: SELECT id FROM source, dedupe: { key: id, within: 1h } }")
                                                  << "pipelines/p.yaml:4:44: dedupe would leave out rows that come again: the changes of the source 'source'; "
                                                     "expected no dedupe here: a row takes the place of the one before";
    QTest::newRow("aggregate below a step with changes") << changes("{ sql: SELECT id FROM source }\n  b: { aggregate: { key: [id] }, sql: SELECT 2 }")
                                                         << "pipelines/p.yaml:5:19: an aggregate cannot take rows that come again: the changes of the source 'source'; "
                                                            "expected an aggregate over steps above it, or over one that gives its rows once";
    QTest::newRow("changes into bronze") << changes("{ land: bronze.a }")
                                         << "pipelines/p.yaml:4:14: a bronze table only takes new rows, and those for 'a.delta.bronze.a' take the place of others; expected a table of silver or gold";
    QTest::newRow("changes appended") << changes("{ land: silver.a }\nsinks:\n  - { from: a, delta: { table: gold.a, mode: append } }")
                                      << "pipelines/p.yaml:6:16: the sink 'a.delta.gold.a' only appends, and gets the changes of the source 'source'; expected mode: upsert";
    const auto join = [](const char* text) {
      return QString("stream: s\nsources: { x: { simulate: { system: pos } }, y: { simulate: { system: pos } } }\nsteps:\n  a: { join: ") + text + " }\n";
    };
    QTest::newRow("join without on") << join("{ left: x, right: y }")
                                     << "pipelines/p.yaml:4:14: a join has no 'on'; expected the condition: on: \"bids.auction = auctions.id\"";
    QTest::newRow("join without a side") << join("{ left: x, on: x.id = y.id }")
                                         << "pipelines/p.yaml:4:14: a join has no 'right'; expected a source or step, with the column of its time: { from: bids, time: ts }";
    QTest::newRow("join of nothing") << join("{ left: x, right: { from: z, time: ts }, on: x.id = z.id }")
                                     << "pipelines/p.yaml:4:40: the step 'a' reads from 'z', which is neither a source nor a step; expected one of x, y, a (did you mean 'x'?)";
    QTest::newRow("join with itself") << join("{ left: x, right: x, on: x.id = x.id }")
                                      << "pipelines/p.yaml:4:32: the step 'a' reads from 'x' twice; expected each name once";
    QTest::newRow("join type") << join("{ left: x, right: y, on: x.id = y.id, within: 1m, type: outer }")
                               << "pipelines/p.yaml:4:70: 'outer' cannot be 'type'; expected one of inner, left, right, full";
    QTest::newRow("outer join for ever") << join("{ left: x, right: y, on: x.id = y.id, type: left }")
                                         << "pipelines/p.yaml:4:58: rows without a match are never known where rows are kept for ever; expected within: 10m, or type: inner";
    QTest::newRow("join late") << join("{ left: x, right: y, on: x.id = y.id, within: 1m, late: { update: 1h } }")
                               << "pipelines/p.yaml:4:70: this cannot be 'late' of a join: a row that was joined is not joined again; expected drop, or { to: silver.bids_late }";
    QTest::newRow("join and sql") << join("{ left: x, right: y, on: x.id = y.id }, sql: SELECT 1")
                                  << "pipelines/p.yaml:4:54: 'sql' and 'join' are two steps; expected a step of its own, with from: a";
    QTest::newRow("join and from") << join("{ left: x, right: y, on: x.id = y.id }, from: x")
                                   << "pipelines/p.yaml:4:54: a join reads from its sides; expected left: and right: of the join";
    QTest::newRow("lookup without on") << step("{ lookup: { table: silver.c } }")
                                       << "pipelines/p.yaml:4:16: a lookup has no 'on'; expected the columns that say which row of the table: on: [customer_id]";
    QTest::newRow("lookup table") << step("{ lookup: { table: customers, on: id } }")
                                  << "pipelines/p.yaml:4:25: 'customers' is not the name of a table; expected layer.name with layer one of bronze, silver, gold: silver.sales";
    QTest::newRow("lookup and sql") << step("{ lookup: { table: ref.c, on: id }, sql: SELECT 1 }")
                                    << "pipelines/p.yaml:4:42: 'sql' and 'lookup' are two steps; expected a step of its own, with from: a";
    QTest::newRow("score without as") << step("{ score: { model: m.json, features: [x] } }") << "pipelines/p.yaml:4:15: a score has no 'as'; expected a name: letters, digits and _, not starting with a digit";
    QTest::newRow("score without features") << step("{ score: { model: m.json, as: p } }")
                                            << "pipelines/p.yaml:4:15: a score has no 'features'; expected the columns that the model was trained with: features: [amount, age]";
    QTest::newRow("score and sql") << step("{ score: { model: m.json, features: [x], as: p }, sql: SELECT 1 }")
                                   << "pipelines/p.yaml:4:56: 'sql' and 'score' are two steps; expected a step of its own, with from: a";
    QTest::newRow("hopping of a duration") << step("{ window: { hopping: 10m, time: t }, sql: SELECT 1 }")
                                           << "pipelines/p.yaml:4:27: a hopping window is not a map; expected keys with values: { key: value }";
    QTest::newRow("hopping every") << step("{ window: { hopping: { size: 10m }, time: t }, sql: SELECT 1 }")
                                   << "pipelines/p.yaml:4:27: a hopping window has no 'every'; expected how far apart the windows begin: { size: 10m, every: 1m }";
    QTest::newRow("hopping with gaps") << step("{ window: { hopping: { size: 1m, every: 10m }, time: t }, sql: SELECT 1 }")
                                       << "pipelines/p.yaml:4:46: rows between the windows would belong to none; expected at most the window's size";
    QTest::newRow("hopping too often") << step("{ window: { hopping: { size: 1h, every: 1s }, time: t }, sql: SELECT 1 }")
                                       << "pipelines/p.yaml:4:46: each row would belong to 3600 windows; expected at least a thousandth of the window's size";
    QTest::newRow("two kinds") << step("{ window: { tumbling: 1m, hopping: { size: 10m, every: 1m }, time: t }, sql: SELECT 1 }")
                               << "pipelines/p.yaml:4:41: 'tumbling' and 'hopping' are two kinds of windows; expected one of them";
    QTest::newRow("session without key") << step("{ window: { session: { gap: 5m }, time: t }, sql: SELECT 1 }")
                                         << "pipelines/p.yaml:4:27: a session window has no 'key'; expected the columns whose rows make a session: { gap: 5m, key: [user] }";
    QTest::newRow("session without gap") << step("{ window: { session: { key: [k] }, time: t }, sql: SELECT 1 }")
                                         << "pipelines/p.yaml:4:27: a session window has no 'gap'; expected the longest pause within a session: { gap: 5m, key: [user] }";
    QTest::newRow("session of no pause") << step("{ window: { session: { gap: 0s, key: [k] }, time: t }, sql: SELECT 1 }")
                                         << "pipelines/p.yaml:4:34: a session without a pause; expected a duration such as 5m";
    QTest::newRow("session and tumbling") << step("{ window: { tumbling: 1m, session: { gap: 5m, key: [k] }, time: t }, sql: SELECT 1 }")
                                          << "pipelines/p.yaml:4:41: 'tumbling' and 'session' are two kinds of windows; expected one of them";
    QTest::newRow("session that comes again") << step("{ window: { session: { gap: 5m, key: [k] }, time: t, emit: { updates: 1s } }, sql: SELECT 1 }")
                                              << "pipelines/p.yaml:4:16: a session gives its rows once; expected 'emit: final' and 'late: drop' or 'late_to'";
    QTest::newRow("emit") << step("{ window: { tumbling: 1m, time: t, emit: often }, sql: SELECT 1 }")
                          << "pipelines/p.yaml:4:47: this cannot be 'emit'; expected final, or { updates: 1s }";
    QTest::newRow("emit never") << step("{ window: { tumbling: 1m, time: t, emit: { updates: 0s } }, sql: SELECT 1 }")
                                << "pipelines/p.yaml:4:58: 'emit' takes a time; expected a duration such as 1s";
    QTest::newRow("late") << step("{ window: { tumbling: 1m, time: t, late: never }, sql: SELECT 1 }")
                          << "pipelines/p.yaml:4:47: 'never' cannot be 'late'; expected drop, { to: gold.sales_late } or { update: 1h }";
    QTest::newRow("late for no time") << step("{ window: { tumbling: 1m, time: t, late: { update: 0s } }, sql: SELECT 1 }")
                                      << "pipelines/p.yaml:4:57: 'late' takes a time; expected a duration such as 1s";
    QTest::newRow("dedupe of what comes again") << step("{ window: { tumbling: 1m, time: t, late: { update: 1h } }, sql: SELECT 1, dedupe: { key: k, within: 1h } }")
                                                << "pipelines/p.yaml:4:88: dedupe would leave out rows that come again: 'late: update' of the step 'a'; "
                                                   "expected no dedupe here: rows of a window are replaced as a whole";
    QTest::newRow("window over what comes again") << step("{ window: { tumbling: 1m, time: t, emit: { updates: 1s } }, sql: SELECT 1 }\n  b: { sql: SELECT 2 }\n"
                                                          "  c: { window: { tumbling: 1h, time: t }, sql: SELECT 1 }")
                                                  << "pipelines/p.yaml:6:16: a window cannot take rows that come again: 'emit: updates' of the step 'a'; "
                                                     "expected a window over steps above it, or one that gives its rows once";
    QTest::newRow("window time") << step("{ window: { tumbling: 1m }, sql: SELECT 1 }")
                                 << "pipelines/p.yaml:4:16: a window has no 'time'; expected the column with the event's time";
    QTest::newRow("window size") << step("{ window: { tumbling: 0s, time: t }, sql: SELECT 1 }")
                                 << "pipelines/p.yaml:4:28: a window of no length; expected a duration such as 1m";
    QTest::newRow("window sql") << step("{ window: { tumbling: 1m, time: t } }")
                                << "pipelines/p.yaml:4:6: the step 'a' has no 'sql'; expected the SQL that is run once per window";
    QTest::newRow("expectation") << step("{ expect: { ok: { on_fail: drop } } }")
                                 << "pipelines/p.yaml:4:22: the expectation 'ok' has no 'sql'; expected a condition over the step's columns: sql: \"qty > 0\"";
    QTest::newRow("on_fail") << step("{ expect: { ok: { sql: \"a > 0\", on_fail: quarantin } } }")
                             << "pipelines/p.yaml:4:47: 'quarantin' cannot be 'on_fail'; expected one of warn, drop, quarantine, fail (did you mean 'quarantine'?)";
    QTest::newRow("dedupe key") << step("{ dedupe: { within: 1m } }")
                                << "pipelines/p.yaml:4:16: a dedupe has no 'key'; expected the columns that make a row the same: key: event_id";
    QTest::newRow("dedupe within") << step("{ dedupe: { key: id } }")
                                   << "pipelines/p.yaml:4:16: a dedupe has no 'within'; expected how long a key is remembered: within: 10m";
    QTest::newRow("reserved layer") << step("{ land: quarantine.a }")
                                    << "pipelines/p.yaml:4:14: 'quarantine' is filled by the engine itself; expected layer.name with layer one of bronze, "
                                       "silver, gold: silver.sales";
    QTest::newRow("step twice") << step("{ land: bronze.a }\n  a: { land: bronze.b }")
                                << "pipelines/p.yaml:5:3: the key 'a' stands here twice; expected each key once; the first is in line 4";
    QTest::newRow("step named input") << QString(kSource) + "steps: { input: { land: bronze.a } }\n"
                                      << "pipelines/p.yaml:3:10: a step cannot be named 'input': SQL gives the name a meaning; expected another name";
    QTest::newRow("two writers") << sink("{ from: a, delta: bronze.b }\n  - { from: a, delta: { table: bronze.b, file_size: 1MiB } }")
                                 << "pipelines/p.yaml:6:16: the sink 'a.delta.bronze.b' stands here twice; expected each step into each table once";
    QTest::newRow("sink from") << sink("{ from: b, delta: gold.b }")
                               << "pipelines/p.yaml:5:13: a sink takes its rows from 'b', which is no step; expected one of a (did you mean 'a'?)";
    QTest::newRow("sink without kind") << sink("{ from: a }")
                                       << "pipelines/p.yaml:5:5: a sink has no 'kind'; expected one of delta, kafka, postgres: { from: step, delta: gold.sales }";
    QTest::newRow("sink size") << sink("{ from: a, delta: { table: gold.b, file_size: big } }")
                               << "pipelines/p.yaml:5:51: 'big' is not a size; expected 64KiB, 64MiB or 4GiB";
    QTest::newRow("sink mode") << sink("{ from: a, delta: { table: gold.b, mode: replace } }")
                               << "pipelines/p.yaml:5:16: 'mode: replace' is not for the endless rows of a stream; expected append or upsert";
    QTest::newRow("upsert into bronze") << sink("{ from: a, delta: { table: bronze.b, mode: upsert, key: [k] } }")
                                        << "pipelines/p.yaml:5:16: a bronze table only takes new rows, and those for 'a.delta.bronze.b' take the place of others; expected a table of silver or gold";
    QTest::newRow("changes into bronze") << step("{ aggregate: { key: [k] }, sql: SELECT 1, land: bronze.b }")
                                         << "pipelines/p.yaml:4:54: a bronze table only takes new rows, and those for 'a.delta.bronze.b' take the place of others; expected a table of silver or gold";
    QTest::newRow("pods") << option("pods: 65") << "pipelines/p.yaml:4:7: '65' cannot be 'pods'; expected shared, 0, or a number up to 64";
    QTest::newRow("pods text") << option("pods: many") << "pipelines/p.yaml:4:7: 'many' cannot be 'pods'; expected shared, 0, or a number up to 64";
    QTest::newRow("more pods than shards") << option("pods: 3\nshards: 2") << "pipelines/p.yaml:4:7: 3 pods cannot share 2 shards; expected shards: 3 or more";
    QTest::newRow("scale without a lag") << option("scale: { max: 4 }") << "pipelines/p.yaml:4:8: 'scale' does not say from which lag on; expected lag: 30s";
    QTest::newRow("scale beyond the shards") << option("scale: { lag: 30s, max: 4 }\nshards: 2") << "pipelines/p.yaml:4:8: 4 pods cannot share 2 shards; expected shards: 4 or more";
    QTest::newRow("scale downwards") << option("scale: { lag: 30s, min: 4, max: 2 }") << "pipelines/p.yaml:4:8: 'scale' has a 'max' that is less than its 'min'; expected min: 1, max: 8";
    QTest::newRow("shards") << option("shards: 0") << "pipelines/p.yaml:4:9: '0' cannot be 'shards'; expected a whole number from 1 to 1024";
    QTest::newRow("availability") << option("objectives: { availability: often }")
                                  << "pipelines/p.yaml:4:29: 'often' cannot be 'availability'; expected a share of the time: 99.9%";
    QTest::newRow("drift") << option("drift: evolv") << "pipelines/p.yaml:4:8: 'evolv' cannot be 'drift'; expected one of fail, quarantine, evolve (did you mean 'evolve'?)";
    QTest::newRow("list for a text") << option("flush: [1s]") << "pipelines/p.yaml:4:8: 'flush' of a stream is not a single value; expected a duration such as 30s";
    QTest::newRow("not a map") << "- a\n" << "pipelines/p.yaml:1:1: a stream is not a map; expected keys with values: { key: value }";
  }
  void one_mistake_is_one_problem() {
    QFETCH(QString, pipeline);
    QFETCH(QString, problem);
    // Two writers is said too where a sink stands twice; its own line is what this test is about.
    QStringList lines = problems_of(pipeline.toStdString());
    lines.removeIf([](const QString& line) { return line.contains("has two writers"); });
    QCOMPARE(lines, QStringList(problem));
  }

  // Partition p of each topic holds the same keys, and belongs to one shard only where the shards divide a topic's block of numbers.
  void topics_of_a_pattern_meet_in_their_shards() {
    const auto lines = [](const std::string& topic, const std::string& shards) {
      return lines_of(load({{"connections.yaml", "hub: { kafka: { brokers: b } }\n"},
                            {"pipelines/a.yaml", "stream: a\nsource: { kafka: { connection: hub, topic: " + topic + ", partitioned_by: store } }\nsteps: { x: { land: bronze.t } }\nshards: " + shards + "\n"}}));
    };
    QCOMPARE(lines("^pos", "9"), QStringList("pipelines/a.yaml:2:11: partitions of several topics that hold the same keys do not meet in one of 9 shards; "
                                             "expected shards: 8, or another number that divides 1680"));
    QCOMPARE(lines("^pos", "8"), QStringList());
    QCOMPARE(lines("pos", "9"), QStringList());
  }

  void a_table_with_two_writers_names_both() {
    const LoadResult result = load({{"pipelines/a.yaml", "stream: a\nsource: { simulate: { system: pos } }\nsteps: { x: { land: bronze.t } }\n"},
                                    {"pipelines/b.yaml", "stream: b\nsource: { simulate: { system: pos } }\nsteps: { x: { land: bronze.t } }\n"}});
    QCOMPARE(lines_of(result), QStringList("pipelines/b.yaml:3:21: the table 'bronze.t' has two writers; expected one; the first is at pipelines/a.yaml:3:21"));
  }

  void two_streams_of_one_name_are_refused() {
    const LoadResult result = load({{"pipelines/a.yaml", "stream: a\nsource: { simulate: { system: pos } }\nsteps: { x: { land: bronze.t } }\n"},
                                    {"pipelines/b.yaml", "stream: a\nsource: { simulate: { system: pos } }\nsteps: { x: { land: bronze.u } }\n"}});
    QCOMPARE(lines_of(result), QStringList("pipelines/b.yaml:1:1: there are two streams 'a'; expected one; the first is at pipelines/a.yaml:1:1"));
  }

  void a_sink_that_only_appends_refuses_rows_that_come_again() {
    const auto lines = [](const std::string& sink) {
      return lines_of(load({{"connections.yaml", "hub: { kafka: { brokers: b } }\n"},
                            {"pipelines/a.yaml", "stream: a\nsource: { simulate: { system: pos } }\nsteps:\n  w: { window: { tumbling: 1m, time: t, emit: { updates: 1s } }, sql: SELECT 1 }\n"
                                                 "  s: { sql: SELECT 2, land: gold.s }\nsinks: [ { from: s, kafka: { connection: hub, topic: t" + sink + " } } ]\n"}}));
    };
    QCOMPARE(lines(""), QStringList("pipelines/a.yaml:6:21: the sink 's.kafka.t' only appends, and would have rows of a window more than once: 'emit: updates' of the step 'w'; "
                                    "expected mode: upsert with a key, or a window that gives its rows once"));
    QCOMPARE(lines(", mode: upsert, key: [k]"), QStringList());
  }

  void sinks_of_changes_upsert_by_their_key() {
    const auto loaded = [](const std::string& sink) {
      return load({{"connections.yaml", "ops: { postgres: { host: h } }\n"},
                   {"pipelines/a.yaml", "stream: a\nsource: { simulate: { system: pos } }\nsteps:\n  w: { aggregate: { key: [k] }, sql: SELECT 1 }\n"
                                        "sinks: [ { from: w, postgres: { connection: ops, table: t" + sink + " } } ]\n"}});
    };
    const LoadResult left_out = loaded("");
    QCOMPARE(lines_of(left_out), QStringList());
    const SinkSpec& sink = left_out.workspace.streams.front().sinks.front();
    QVERIFY(sink.mode == WriteMode::upsert);
    QCOMPARE(sink.key, std::vector<std::string>{"k"});
    QCOMPARE(sink.settings.text("mode"), std::string("upsert"));
    QCOMPARE(sink.settings.list("key"), std::vector<std::string>{"k"});
    QCOMPARE(lines_of(loaded(", mode: upsert, key: [k]")), QStringList());
    QCOMPARE(lines_of(loaded(", mode: append")), QStringList("pipelines/a.yaml:5:21: the sink 'w.postgres.t' only appends, and gets the changes of the step 'w'; expected mode: upsert"));
    QCOMPARE(lines_of(loaded(", mode: upsert, key: [j]")),
             QStringList("pipelines/a.yaml:5:21: the key of the sink 'w.postgres.t' is not that of the changes of the step 'w'; expected key: [k], or none: it is known"));
  }

  void a_connection_of_another_kind_is_refused() {
    const LoadResult result = load({{"connections.yaml", "hub: { kafka: { brokers: b } }\n"},
                                    {"pipelines/a.yaml", "stream: a\nsource: { simulate: { system: pos } }\nsteps: { x: { land: bronze.t } }\n"
                                                         "sinks: [ { from: x, postgres: { connection: hub, table: t } } ]\n"}});
    QCOMPARE(lines_of(result), QStringList("pipelines/a.yaml:4:45: the connection 'hub' is for kafka, not for postgres; expected a postgres connection in connections.yaml"));
  }
};

QTEST_GUILESS_MAIN(StreamErrorsTest)
#include "stream_errors_test.moc"
