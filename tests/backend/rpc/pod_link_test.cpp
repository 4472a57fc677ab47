#include <grpcpp/grpcpp.h>

#include <QTest>
#include <QTemporaryDir>
#include <mutex>

#include "record/batch_builder.h"
#include "rpc/pod_client.h"
#include "rpc/pod_runtime_service.h"

namespace penstock::rpc {
namespace {

// Remembers what it was asked, and answers as a test tells it.
class FakePod final : public PodLink {
 public:
  Result<PodInfo> info() override { return PodInfo{"shared-0", 41, 7, {"sales", "stock"}}; }
  Status start_stream(const StreamStart& start) override {
    started = start;
    return {};
  }
  Status prepare_stream(const StreamStart& start) override {
    prepared = start;
    return {};
  }
  Status stop_stream(const std::string& stream, const StreamStop& stop) override {
    if (stream != "sales") return Error(ErrorKind::not_found, "no stream is called '" + stream + "'", {}, stream);
    stopped = stop;
    return {};
  }
  Status shut_down(bool drain) override {
    drained = drain;
    return {};
  }
  void watch(std::function<void(PodReport)> reported) override { report = std::move(reported); }
  Result<std::vector<PodTailPart>> table_tail(const std::string& table) override { return std::vector<PodTailPart>{{"id/" + table + "/0", 9, rows}}; }
  Result<std::vector<Batch>> step_rows(const std::string&, const std::string&) override { return std::vector<Batch>{rows, rows}; }
  Status start_replay(const PodReplay& replay) override {
    replayed = replay;
    return {};
  }
  Status control_replay(const std::string& id, const std::string& action, double rate) override {
    controlled = id + " " + action + " " + std::to_string(static_cast<int>(rate));
    return {};
  }
  Result<PodRedriveOutcome> redrive(const std::string& id, const std::string&, const std::vector<PodRedriveRow>& wanted) override {
    redriven_by = id;
    redriven = wanted;
    return PodRedriveOutcome{2, 0, 1};
  }

  StreamStart started, prepared;
  StreamStop stopped;
  bool drained = false;
  std::function<void(PodReport)> report;
  Batch rows;
  PodReplay replayed;
  std::string controlled, redriven_by;
  std::vector<PodRedriveRow> redriven;
};

Batch two_rows() {
  BatchBuilder builder(std::make_shared<Schema>(std::vector<Field>{{"qty", {TypeKind::int64}}, {"sku", {TypeKind::varchar}}}));
  for (const char* sku : {"A1", "B2"}) {
    builder[0].append_int64(5);
    builder[1].append_bytes(sku);
  }
  return builder.finish();
}

// A pod that listens on a socket of its own.
struct ServedPod {
  explicit ServedPod(const std::string& address) : service(calls, pod) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
  }
  ~ServedPod() { server->Shutdown(std::chrono::system_clock::now()); }

  FakePod pod;
  Calls calls{{}};
  PodRuntimeService service;
  std::unique_ptr<grpc::Server> server;
};

// What a watcher was told, from the link's thread.
struct Watched {
  void keep(const PodReport& report) {
    std::lock_guard lock(mutex);
    epochs.push_back(report.streams.empty() ? -1 : report.streams[0].epoch);
  }
  bool has(std::int64_t epoch) {
    std::lock_guard lock(mutex);
    return std::find(epochs.begin(), epochs.end(), epoch) != epochs.end();
  }
  std::mutex mutex;
  std::vector<std::int64_t> epochs;
};

PodReport at_epoch(std::int64_t epoch) {
  PodReport report{.pod = "shared-0"};
  report.streams.push_back({.stream = "sales", .epoch = epoch});
  return report;
}

}  // namespace

class PodLinkTest : public QObject {
  Q_OBJECT

 private slots:
  void calls_reach_the_pod_with_all_they_say();
  void an_error_of_the_pod_arrives_whole();
  void rows_arrive_as_they_were();
  void reports_arrive_and_go_on_after_the_pod_was_started_again();
  void a_pod_that_does_not_listen_is_unavailable();

 private:
  std::string address() const { return "unix:" + folder_.path().toStdString() + "/pod.sock"; }
  QTemporaryDir folder_;
};

void PodLinkTest::calls_reach_the_pod_with_all_they_say() {
  ServedPod served(address());
  const auto link = connect_to_pod({.address = address()});
  const auto info = link->info();
  QVERIFY2(info.ok(), info.ok() ? "" : info.error().to_string().c_str());
  QCOMPARE(info->pod, std::string("shared-0"));
  QCOMPARE(info->process_id, 41);
  QCOMPARE(info->streams, (std::vector<std::string>{"sales", "stock"}));

  const StreamStart start{"sales", "/versions/3", "prod", 3, "/state", "/tables", true};
  QVERIFY(link->prepare_stream(start).ok());
  QVERIFY(served.pod.prepared == start && served.pod.started.stream.empty());
  QVERIFY(link->start_stream(start).ok());
  QVERIFY(served.pod.started == start);
  QVERIFY(link->stop_stream("sales", {.drain = true, .close_windows = true}).ok());
  QVERIFY(served.pod.stopped.drain && served.pod.stopped.close_windows && !served.pod.stopped.pause);
  QVERIFY(link->shut_down(true).ok());
  QVERIFY(served.pod.drained);

  QVERIFY(link->start_replay({.id = "r1", .stream = "sales", .from_time = 10, .to_time = 20, .warm_up_from = 5, .steps = {"silver"}}).ok());
  QCOMPARE(served.pod.replayed.warm_up_from, 5);
  QCOMPARE(served.pod.replayed.steps, std::vector<std::string>{"silver"});
  QVERIFY(link->control_replay("r1", "rate", 100).ok());
  QCOMPARE(served.pod.controlled, std::string("r1 rate 100"));

  const auto outcome = link->redrive("c1", "sales", {{.source = "pos", .position = {3, 44}, .raw = std::string("\xff\0x", 3), .hop = 1, .step = "silver"}});
  QVERIFY(outcome.ok());
  QCOMPARE(outcome->accepted, 2);
  QCOMPARE(outcome->rejected_again, 1);
  QCOMPARE(served.pod.redriven_by, std::string("c1"));
  QCOMPARE(served.pod.redriven.at(0).raw, std::string("\xff\0x", 3));
  QCOMPARE(served.pod.redriven.at(0).position.offset, 44);
}

void PodLinkTest::an_error_of_the_pod_arrives_whole() {
  ServedPod served(address());
  const auto status = connect_to_pod({.address = address()})->stop_stream("nobody", {});
  QVERIFY(!status.ok());
  QCOMPARE(status.error().kind, ErrorKind::not_found);
  QCOMPARE(status.error().where, std::string("nobody"));
}

void PodLinkTest::rows_arrive_as_they_were() {
  ServedPod served(address());
  served.pod.rows = two_rows();
  const auto link = connect_to_pod({.address = address()});
  const auto tail = link->table_tail("silver.sales");
  QVERIFY(tail.ok());
  QCOMPARE(tail->size(), 1u);
  QCOMPARE(tail->at(0).marker, std::string("id/silver.sales/0"));
  QCOMPARE(tail->at(0).epoch, 9);
  QCOMPARE(tail->at(0).rows.find("sku")->to_text(1), std::string("B2"));
  const auto rows = link->step_rows("sales", "silver");
  QVERIFY(rows.ok());
  QCOMPARE(rows->size(), 2u);
  QCOMPARE(rows->at(1).find("qty")->int64(0), 5);
}

void PodLinkTest::reports_arrive_and_go_on_after_the_pod_was_started_again() {
  Watched watched;
  const auto link = connect_to_pod({.address = address()});
  link->watch([&](const PodReport& report) { watched.keep(report); });
  {
    ServedPod served(address());
    served.pod.report(at_epoch(1));
    QTRY_VERIFY_WITH_TIMEOUT(watched.has(1), 30'000);
    served.pod.report(at_epoch(2));
    QTRY_VERIFY_WITH_TIMEOUT(watched.has(2), 30'000);
  }
  ServedPod again(address());
  again.pod.report(at_epoch(3));
  QTRY_VERIFY_WITH_TIMEOUT(watched.has(3), 30'000);
}

void PodLinkTest::a_pod_that_does_not_listen_is_unavailable() {
  const auto info = connect_to_pod({.address = "unix:" + folder_.path().toStdString() + "/nobody.sock"})->info();
  QVERIFY(!info.ok());
  QVERIFY(info.error().kind == ErrorKind::unavailable || info.error().kind == ErrorKind::deadline_exceeded);
}

}  // namespace penstock::rpc

QTEST_GUILESS_MAIN(penstock::rpc::PodLinkTest)
#include "pod_link_test.moc"
