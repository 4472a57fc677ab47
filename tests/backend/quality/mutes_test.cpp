#include "quality/mutes.h"

#include <QTemporaryDir>
#include <QTest>

#include "store/operations_db.h"

namespace penstock {

class MutesTest : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void what_is_muted_stays_so_for_the_next_engine();
  void muting_needs_a_reason_and_something_to_mute();

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<TelemetryRegistry> registry_;
};

namespace {

// A registry that knows sales/silver/known_store.
std::unique_ptr<TelemetryRegistry> registry() {
  auto made = std::make_unique<TelemetryRegistry>();
  PipelineDeclaration declaration;
  declaration.name = "sales";
  made->declare({declaration});
  StreamReport stream;
  stream.stream = "sales";
  StepReport silver;
  silver.step = "silver";
  silver.expectations.emplace_back().name = "known_store";
  stream.steps = {silver};
  PodReport report;
  report.pod = "shared-0";
  report.streams = {stream};
  made->report(report);
  return made;
}

const Mute kMute{.pipeline = "sales", .step = "silver", .expectation = "known_store", .at = 7, .who = "anna", .why = "stores open on Monday"};

}  // namespace

void MutesTest::init() {
  folder_ = std::make_unique<QTemporaryDir>();
  database_ = std::move(open_operations_db(folder_->filePath("operations.db").toStdString()).value());
  registry_ = registry();
}

void MutesTest::what_is_muted_stays_so_for_the_next_engine() {
  Mutes mutes(*database_, *registry_);
  QCOMPARE(*mutes.mute(kMute), std::string("known_store of sales is muted; it goes on checking"));
  QCOMPARE(registry_->expectations()[0].muted_by, std::string("anna"));

  const auto next_registry = registry();
  Mutes next(*database_, *next_registry);
  QVERIFY(next.open().ok());
  QCOMPARE(next_registry->expectations()[0].muted_why, std::string("stores open on Monday"));
  QVERIFY(next.unmute("sales", "silver", "known_store").ok());
  QCOMPARE(next_registry->expectations()[0].muted_at, 0);
  QCOMPARE(next.unmute("sales", "silver", "known_store").error().kind, ErrorKind::failed_precondition);
}

void MutesTest::muting_needs_a_reason_and_something_to_mute() {
  Mutes mutes(*database_, *registry_);
  Mute mute = kMute;
  mute.why.clear();
  QCOMPARE(mutes.mute(mute).error().kind, ErrorKind::invalid_argument);
  mute = kMute;
  mute.expectation = "unknown_check";
  QCOMPARE(mutes.mute(mute).error().kind, ErrorKind::not_found);
  QCOMPARE(registry_->expectations()[0].muted_at, 0);
}

}  // namespace penstock

QTEST_GUILESS_MAIN(penstock::MutesTest)
#include "mutes_test.moc"
