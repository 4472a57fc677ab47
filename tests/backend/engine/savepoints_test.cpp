#include "engine/savepoints.h"
#include "engine/savepoint_manifest.h"
#include "support/landed_stream.h"

using namespace penstock;
using namespace penstock::test;

// Copies of a stream's state, made and put back while no pod has it.
class SavepointsTest : public QObject, LandedStream {
  Q_OBJECT

  Savepoints savepoints() const { return Savepoints(state().string()); }
  Savepoint named(const std::string& name, std::int64_t made_at = 1) const { return {.pipeline = "sales", .name = name, .made_at = made_at, .version = 3, .rows_in = sent_}; }

  // All delivered, and the state closed.
  void take(int records) {
    send(records);
    QVERIFY(start().ok());
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in == sent_ && all_delivered(); }, 60000));
    pod_.reset();
  }
  // These are in the state alone.
  void take_without_delivery(int records) {
    stream().flush = std::chrono::hours(1);
    QVERIFY(start().ok());
    send(records);
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in == sent_; }, 60000));
    pod_.reset();
    stream().flush = std::chrono::milliseconds(1);
  }
  QStringList files() const {
    QStringList names;
    for (const auto& entry : fs::recursive_directory_iterator(state())) names << QString::fromStdString(entry.path().string());
    names.sort();
    return names;
  }
  fs::path shard(int number) const { return state() / "streams" / "sales" / std::to_string(number); }

  QTemporaryDir disk_;      // while a file `full` is in it, nothing can be written to an about.json
  std::string full_disk() const { return disk_.filePath("full").toStdString(); }

 public:
  SavepointsTest() { qputenv("PENSTOCK_DISK_FULL_WHILE", QByteArray::fromStdString(full_disk() + ":about.json")); }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    sharded_ = false;
  }
  void cleanup() { pod_.reset(); }

  void one_that_is_put_back_goes_on_exactly_data() {
    QTest::addColumn<bool>("joins");
    QTest::addColumn<bool>("sharded");
    QTest::addColumn<bool>("is_lost");
    QTest::newRow("windows") << false << false << false;
    QTest::newRow("a join") << true << false << false;
    QTest::newRow("several shards") << false << true << false;
    QTest::newRow("of a state that is lost") << false << false << true;
  }
  void one_that_is_put_back_goes_on_exactly() {
    QFETCH(bool, joins);
    QFETCH(bool, sharded);
    QFETCH(bool, is_lost);
    sharded_ = sharded;
    make("run");
    if (joins) join_gold();
    take(150);
    take_without_delivery(50);
    const auto made = savepoints().make(named("first"));
    QVERIFY2(made.ok(), made.ok() ? "" : made.error().to_string().c_str());
    QCOMPARE(made->shards, sharded ? 3 : 1);
    QVERIFY(made->bytes > 0);
    take(200);
    take_without_delivery(100);
    if (is_lost) fs::remove_all(shard(0));

    const Status back = savepoints().put_back("sales", "first");
    QVERIFY2(back.ok(), back.ok() ? "" : back.error().to_string().c_str());
    QCOMPARE(fs::exists(shard(0) / "state.aside"), !is_lost);
    QVERIFY(start().ok());
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in >= sent_ || report().status == PipelineStatus::failing; }, 60000));
    QVERIFY2(report().status != PipelineStatus::failing, report().reason.c_str());
    QCOMPARE(report().state, StateHealth::sound);
    send(100);
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(600);
    for (const QString& table : kTables) QCOMPARE(found[table], expected[table]);
    QVERIFY(expected["gold/units"].size() > 20);
  }

  // Nothing came after it: the state continues its tables as it is.
  void one_that_is_put_back_at_once_changes_nothing() {
    make("run");
    take(100);
    QVERIFY(savepoints().make(named("first")).ok());
    QVERIFY(savepoints().put_back("sales", "first").ok());
    QVERIFY(savepoints().put_back("sales", "first").ok());      // it is still there
    QVERIFY(start().ok());
    send(100);
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(200);
    for (const QString& table : kTables) QCOMPARE(found[table], expected[table]);
  }

  void nobody_may_have_the_state_meanwhile() {
    make("run");
    QCOMPARE(savepoints().make(named("early")).error().kind, ErrorKind::not_found);
    take(30);
    QVERIFY(savepoints().make(named("first")).ok());
    QVERIFY(start().ok());
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in == sent_; }, 60000));
    QCOMPARE(savepoints().make(named("second")).error().kind, ErrorKind::failed_precondition);
    QCOMPARE(savepoints().put_back("sales", "first").error().kind, ErrorKind::failed_precondition);
    QVERIFY(!fs::exists(state() / "streams" / "sales" / "savepoints" / "second.new"));
    QCOMPARE(savepoints().list("sales").size(), std::size_t(1));
    take(30);      // nothing was changed
  }

  void they_are_listed_and_removed_by_name() {
    make("run");
    QVERIFY(savepoints().list("sales").empty());
    take(30);
    QVERIFY(savepoints().make(named("older", 10)).ok());
    QVERIFY(savepoints().make(named("newer-2", 20)).ok());
    const auto found = savepoints().list("sales");
    QCOMPARE(found.size(), std::size_t(2));
    QCOMPARE(found[0].name, std::string("newer-2"));
    QCOMPARE(found[0].made_at, 20);
    QCOMPARE(found[0].version, 3);
    QCOMPARE(found[0].rows_in, 30);
    QCOMPARE(found[0].shards, 1);
    QCOMPARE(savepoints().make(named("older")).error().kind, ErrorKind::already_exists);
    for (const char* name : {"", "..", "a/b", "a.b", "../x"}) QCOMPARE(savepoints().make(named(name)).error().kind, ErrorKind::invalid_argument);
    for (const char* name : {"", "..", "nothing", "../savepoints/older"}) {
      QCOMPARE(savepoints().put_back("sales", name).error().kind, ErrorKind::not_found);
      QCOMPARE(savepoints().remove("sales", name).error().kind, ErrorKind::not_found);
    }
    QVERIFY(savepoints().remove("sales", "older").ok());
    QCOMPARE(savepoints().list("sales").size(), std::size_t(1));
    // A damaged one is in nobody's way.
    std::ofstream(state() / "streams" / "sales" / "savepoints" / "newer-2" / "about.json") << "{";
    QVERIFY(savepoints().list("sales").empty());
    QCOMPARE(savepoints().make(named("newer-2")).error().kind, ErrorKind::already_exists);
    QVERIFY(savepoints().remove("sales", "newer-2").ok());
    QVERIFY(savepoints().make(named("newer-2")).ok());
  }

  void a_full_disk_leaves_none_that_is_not_listed() {
    make("run");
    take(30);
    std::ofstream(full_disk()) << "x";
    const auto made = savepoints().make(named("first"));
    QVERIFY(!made.ok());
    QCOMPARE(made.error().kind, ErrorKind::io);
    QVERIFY(!fs::exists(state() / "streams" / "sales" / "savepoints" / "first.new"));
    fs::remove(full_disk());
    QVERIFY(savepoints().make(named("first")).ok());
    QCOMPARE(savepoints().list("sales").size(), std::size_t(1));
  }

  void what_describes_one_is_read_whole_or_not_at_all() {
    const SavepointManifest manifest{1'700'000'000'000'000, 3, 30, 2};
    QVERIFY(SavepointManifest::parse(manifest.to_text()) == manifest);
    for (const char* text : {"", "{", "[]", "7", "{}", "{\"made_at\":1,\"version\":1,\"rows_in\":1,\"shards\":0}", "{\"made_at\":1,\"version\":1,\"rows_in\":1,\"shards\":4294967297}",
                             "{\"made_at\":18446744073709551615,\"version\":1,\"rows_in\":1,\"shards\":1}", "{\"made_at\":\"1\",\"version\":1,\"rows_in\":1,\"shards\":1}"})
      QVERIFY2(!SavepointManifest::parse(text), text);
  }

  void one_that_is_damaged_takes_no_place() {
    make("run");
    take(60);
    QVERIFY(savepoints().make(named("first")).ok());
    const fs::path copy = state() / "streams" / "sales" / "savepoints" / "first";
    int spoilt = 0;
    for (const auto& entry : fs::directory_iterator(copy / "0"))
      if (entry.path().filename().string().starts_with("MANIFEST")) spoilt += static_cast<int>(fs::remove(entry.path()));
    QCOMPARE(spoilt, 1);
    QCOMPARE(savepoints().put_back("sales", "first").error().kind, ErrorKind::data_loss);
    std::ofstream(copy / "about.json") << "{";
    QCOMPARE(savepoints().put_back("sales", "first").error().kind, ErrorKind::not_found);
    QVERIFY(!fs::exists(shard(0) / "state.aside"));
    take(60);
    send(80);
    QVERIFY(start().ok());
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(200);
    for (const QString& table : kTables) QCOMPARE(found[table], expected[table]);
  }

  void one_of_other_shards_is_refused() {
    make("run");
    take(30);
    QVERIFY(savepoints().make(named("first")).ok());
    fs::copy(shard(0), shard(1), fs::copy_options::recursive);
    const QStringList before = files();
    QCOMPARE(savepoints().put_back("sales", "first").error().kind, ErrorKind::invalid_argument);
    QCOMPARE(files(), before);
  }
};

QTEST_GUILESS_MAIN(SavepointsTest)
#include "savepoints_test.moc"
