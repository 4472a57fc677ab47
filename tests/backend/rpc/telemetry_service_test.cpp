#include "rpc/telemetry_service.h"

#include <QTemporaryDir>
#include <QTest>

#include "backend/rpc/served.h"

namespace penstock::rpc {
namespace {

PodReport report_of(std::int64_t epoch, std::int64_t rows) {
  PodReport report{.pod = "shared-0", .at = to_micros(Clock::system().now())};
  report.streams.push_back({.stream = "sales", .status = PipelineStatus::running, .epoch = epoch, .rows_in = rows});
  return report;
}

}  // namespace

class TelemetryServiceTest : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void a_watcher_gets_the_whole_picture_then_what_changes();
  void a_watcher_of_this_run_resumes_where_it_left();
  void a_watcher_of_another_run_starts_again();
  void series_come_with_their_units();
  void a_star_stands_for_all_series_that_begin_so();

 private:
  v1::TelemetryUpdate first_update(const v1::WatchRequest& request);

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<History> history_;
  std::unique_ptr<TelemetryRegistry> registry_;
  std::unique_ptr<Calls> calls_;
  std::unique_ptr<TelemetryService> service_;
  std::unique_ptr<Served> served_;
};

void TelemetryServiceTest::init() {
  served_.reset();
  folder_ = std::make_unique<QTemporaryDir>();
  auto history = History::open(folder_->filePath("history.db").toStdString());
  QVERIFY(history.ok());
  history_ = std::move(history).value();
  registry_ = std::make_unique<TelemetryRegistry>();
  registry_->declare({{.name = "sales"}, {.name = "stock"}});
  calls_ = std::make_unique<Calls>(CallPolicy{});
  service_ = std::make_unique<TelemetryService>(*calls_, "run-1", *registry_, *history_);
  served_ = std::make_unique<Served>(std::vector<grpc::Service*>{service_.get()});
}

v1::TelemetryUpdate TelemetryServiceTest::first_update(const v1::WatchRequest& request) {
  grpc::ClientContext context;
  const auto stub = v1::TelemetryService::NewStub(served_->channel());
  const auto reader = stub->Watch(&context, request);
  v1::TelemetryUpdate update;
  reader->Read(&update);
  context.TryCancel();
  reader->Finish();
  return update;
}

void TelemetryServiceTest::a_watcher_gets_the_whole_picture_then_what_changes() {
  grpc::ClientContext context;
  const auto stub = v1::TelemetryService::NewStub(served_->channel());
  const auto reader = stub->Watch(&context, {});
  v1::TelemetryUpdate update;
  QVERIFY(reader->Read(&update));
  QVERIFY(update.full());
  QCOMPARE(update.engine_id(), std::string("run-1"));
  QCOMPARE(update.pipelines_size(), 2);

  registry_->report(report_of(7, 1000));
  bool seen = false;
  while (!seen && reader->Read(&update)) {
    QVERIFY(!update.full());
    for (const auto& pipeline : update.pipelines()) {
      QCOMPARE(pipeline.name(), std::string("sales"));
      seen = seen || (pipeline.last_epoch() == 7 && pipeline.rows().in() == 1000 && pipeline.status() == v1::PIPELINE_STATUS_RUNNING);
    }
  }
  QVERIFY(seen);
  context.TryCancel();
  reader->Finish();
}

void TelemetryServiceTest::a_watcher_of_this_run_resumes_where_it_left() {
  registry_->report(report_of(1, 10));
  v1::WatchRequest request;
  request.set_engine_id("run-1");
  request.set_resume_after(registry_->sequence());
  const auto update = first_update(request);
  QVERIFY(!update.full());
  QCOMPARE(update.pipelines_size(), 0);
}

void TelemetryServiceTest::a_watcher_of_another_run_starts_again() {
  registry_->report(report_of(1, 10));
  v1::WatchRequest request;
  request.set_engine_id("run-0");
  request.set_resume_after(registry_->sequence());
  QVERIFY(first_update(request).full());
}

void TelemetryServiceTest::series_come_with_their_units() {
  const std::int64_t now = to_micros(Clock::system().now()) / 1'000'000 * 1'000'000;
  QVERIFY(history_->write(now, {{"pipeline/sales/rows_per_second", 580}}).ok());
  v1::GetSeriesRequest request;
  request.add_names("pipeline/sales/rows_per_second");
  request.set_from(now);
  request.set_to(now + 1'000'000);
  grpc::ClientContext context;
  v1::GetSeriesResponse response;
  QVERIFY(v1::TelemetryService::NewStub(served_->channel())->GetSeries(&context, request, &response).ok());
  QCOMPARE(response.series_size(), 1);
  QCOMPARE(response.series(0).unit(), std::string("rows/s"));
  QCOMPARE(response.series(0).value_size(), 1);
  QCOMPARE(response.series(0).value(0), 580.0);
}

void TelemetryServiceTest::a_star_stands_for_all_series_that_begin_so() {
  const std::int64_t now = to_micros(Clock::system().now()) / 1'000'000 * 1'000'000;
  QVERIFY(history_->write(now, {{"partition/sales/pos/10/behind_rows", 3}, {"partition/sales/pos/2/behind_rows", 1}, {"partition/stock/pos/0/behind_rows", 9}}).ok());
  v1::GetSeriesRequest request;
  request.add_names("partition/sales/*");
  request.add_names("pipeline/sales/behind_rows");
  request.set_from(now);
  request.set_to(now + 1'000'000);
  grpc::ClientContext context;
  v1::GetSeriesResponse response;
  QVERIFY(v1::TelemetryService::NewStub(served_->channel())->GetSeries(&context, request, &response).ok());
  QCOMPARE(response.series_size(), 3);
  QCOMPARE(response.series(0).name(), std::string("partition/sales/pos/2/behind_rows"));
  QCOMPARE(response.series(0).unit(), std::string("rows"));
  QCOMPARE(response.series(1).value(0), 3.0);
  QCOMPARE(response.series(2).name(), std::string("pipeline/sales/behind_rows"));
}

}  // namespace penstock::rpc

QTEST_GUILESS_MAIN(penstock::rpc::TelemetryServiceTest)
#include "telemetry_service_test.moc"
