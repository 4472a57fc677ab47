#include "rpc/calls.h"

#include <grpcpp/grpcpp.h>

#include <QTest>
#include <atomic>
#include <latch>
#include <semaphore>
#include <thread>

#include "penstock/v1/engine.grpc.pb.h"
#include "penstock/v1/pods.grpc.pb.h"

namespace penstock::rpc {
namespace {

using namespace std::chrono_literals;

void wait_until_cancelled(const CallContext& call) {
  std::binary_semaphore cancelled(0);
  std::stop_callback release(call.cancellation, [&] { cancelled.release(); });
  cancelled.acquire();
}

// Answers as a test tells it.
class ScriptedEngine final : public v1::EngineService::CallbackService {
 public:
  ScriptedEngine(Calls& calls, UnaryHandler<v1::GetInfoRequest, v1::EngineInfo> handler) : calls_(calls), handler_(std::move(handler)) {}
  grpc::ServerUnaryReactor* GetInfo(grpc::CallbackServerContext* context, const v1::GetInfoRequest* request, v1::EngineInfo* info) override {
    return calls_.unary(context, request, info, handler_);
  }

 private:
  Calls& calls_;
  UnaryHandler<v1::GetInfoRequest, v1::EngineInfo> handler_;
};

class CountingPods final : public v1::PodService::CallbackService {
 public:
  explicit CountingPods(Calls& calls) : calls_(calls) {}
  grpc::ServerWriteReactor<v1::LogLine>* Logs(grpc::CallbackServerContext* context, const v1::PodLogsRequest* request) override {
    return calls_.stream<v1::PodLogsRequest, v1::LogLine>(context, request, [this](const CallContext& call, const auto& request, auto& lines) -> Status {
      v1::LogLine line;
      for (int at = 1; at <= request.tail(); ++at) {
        line.set_at(at);
        if (!lines.write(line)) return {};
      }
      if (request.follow()) {
        wait_until_cancelled(call);
        left = true;
      }
      return {};
    });
  }
  std::atomic<bool> left = false;

 private:
  Calls& calls_;
};

struct Serving {
  Serving(std::vector<grpc::Service*> services) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    for (auto* service : services) builder.RegisterService(service);
    server = builder.BuildAndStart();
  }
  ~Serving() { server->Shutdown(std::chrono::system_clock::now()); }
  std::shared_ptr<grpc::Channel> over_network() const {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  }
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

}  // namespace

class CallsTest : public QObject {
  Q_OBJECT

 private slots:
  void an_error_arrives_whole();
  void a_network_call_needs_the_token_and_an_in_process_call_does_not();
  void the_caller_is_known_by_name();
  void cancelling_a_call_cancels_its_work();
  void a_call_without_a_deadline_is_given_one();
  void a_stream_sends_its_items_in_order();
  void a_stream_ends_when_its_client_goes();
  void a_call_that_waits_does_not_block_another();
};

void CallsTest::an_error_arrives_whole() {
  Calls calls({});
  ScriptedEngine engine(calls, [](const auto&, const auto&, auto&) -> Status {
    return Error(ErrorKind::io, "the disk is full", "free some space", "/state");
  });
  Serving serving({&engine});
  grpc::ClientContext context;
  v1::EngineInfo info;
  const auto status = v1::EngineService::NewStub(serving.over_network())->GetInfo(&context, {}, &info);
  const auto error = error_of(status, context);
  QCOMPARE(error.kind, ErrorKind::io);
  QCOMPARE(error.message, std::string("the disk is full"));
  QCOMPARE(error.action, std::string("free some space"));
  QCOMPARE(error.where, std::string("/state"));
}

void CallsTest::a_network_call_needs_the_token_and_an_in_process_call_does_not() {
  Calls calls({.token = "s3cret"});
  ScriptedEngine engine(calls, [](const auto&, const auto&, auto& info) -> Status { info.set_api_version(1); return {}; });
  Serving serving({&engine});
  const auto call = [](std::shared_ptr<grpc::Channel> channel, const std::string& authorization) {
    grpc::ClientContext context;
    if (!authorization.empty()) context.AddMetadata(kAuthorization, authorization);
    v1::EngineInfo info;
    return v1::EngineService::NewStub(std::move(channel))->GetInfo(&context, {}, &info).error_code();
  };
  QCOMPARE(call(serving.over_network(), ""), grpc::StatusCode::UNAUTHENTICATED);
  QCOMPARE(call(serving.over_network(), "Bearer wrong!"), grpc::StatusCode::UNAUTHENTICATED);
  QCOMPARE(call(serving.over_network(), "Bearer s3cret"), grpc::StatusCode::OK);
  QCOMPARE(call(serving.server->InProcessChannel({}), ""), grpc::StatusCode::OK);
}

void CallsTest::the_caller_is_known_by_name() {
  Calls calls({});
  ScriptedEngine engine(calls, [](const CallContext& call, const auto&, auto& info) -> Status { info.set_workspace(call.who); return {}; });
  Serving serving({&engine});
  grpc::ClientContext context;
  context.AddMetadata(kWho, "anna@laptop");
  v1::EngineInfo info;
  QVERIFY(v1::EngineService::NewStub(serving.over_network())->GetInfo(&context, {}, &info).ok());
  QCOMPARE(info.workspace(), std::string("anna@laptop"));
}

void CallsTest::cancelling_a_call_cancels_its_work() {
  std::atomic<bool> started = false, stopped = false;
  Calls calls({});
  ScriptedEngine engine(calls, [&](const CallContext& call, const auto&, auto&) -> Status {
    started = true;
    wait_until_cancelled(call);
    stopped = true;
    return Error(ErrorKind::cancelled, "cancelled");
  });
  Serving serving({&engine});
  grpc::ClientContext context;
  std::jthread caller([&] {
    v1::EngineInfo info;
    v1::EngineService::NewStub(serving.over_network())->GetInfo(&context, {}, &info);
  });
  QTRY_VERIFY_WITH_TIMEOUT(started, 30'000);
  context.TryCancel();
  QTRY_VERIFY_WITH_TIMEOUT(stopped, 30'000);
}

void CallsTest::a_call_without_a_deadline_is_given_one() {
  Calls calls({.default_deadline = 1ms});
  ScriptedEngine engine(calls, [](const CallContext& call, const auto&, auto&) -> Status {
    wait_until_cancelled(call);
    return Error(ErrorKind::deadline_exceeded, "took too long");
  });
  Serving serving({&engine});
  grpc::ClientContext context;
  v1::EngineInfo info;
  QCOMPARE(v1::EngineService::NewStub(serving.over_network())->GetInfo(&context, {}, &info).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

void CallsTest::a_stream_sends_its_items_in_order() {
  Calls calls({});
  CountingPods pods(calls);
  Serving serving({&pods});
  grpc::ClientContext context;
  v1::PodLogsRequest request;
  request.set_tail(1000);
  const auto stub = v1::PodService::NewStub(serving.server->InProcessChannel({}));
  auto reader = stub->Logs(&context, request);
  v1::LogLine line;
  std::int64_t expected = 0;
  while (reader->Read(&line)) QCOMPARE(line.at(), ++expected);
  QVERIFY(reader->Finish().ok());
  QCOMPARE(expected, 1000);
}

void CallsTest::a_stream_ends_when_its_client_goes() {
  Calls calls({});
  CountingPods pods(calls);
  Serving serving({&pods});
  {
    grpc::ClientContext context;
    v1::PodLogsRequest request;
    request.set_tail(1);
    request.set_follow(true);
    const auto stub = v1::PodService::NewStub(serving.over_network());
    auto reader = stub->Logs(&context, request);
    v1::LogLine line;
    QVERIFY(reader->Read(&line));
    context.TryCancel();
    QVERIFY(!reader->Read(&line));
    reader->Finish();
  }
  QTRY_VERIFY_WITH_TIMEOUT(pods.left, 30'000);
}

void CallsTest::a_call_that_waits_does_not_block_another() {
  std::atomic<int> waiting = 0;
  std::latch let_go(1);
  Calls calls({});
  ScriptedEngine engine(calls, [&](const CallContext&, const auto&, auto&) -> Status {
    ++waiting;
    let_go.wait();
    return {};
  });
  CountingPods pods(calls);
  Serving serving({&engine, &pods});
  std::vector<std::jthread> callers;
  for (int i = 0; i < 20; ++i)
    callers.emplace_back([&] {
      grpc::ClientContext context;
      v1::EngineInfo info;
      v1::EngineService::NewStub(serving.server->InProcessChannel({}))->GetInfo(&context, {}, &info);
    });
  QTRY_COMPARE_WITH_TIMEOUT(waiting.load(), 20, 60'000);
  grpc::ClientContext context;
  v1::PodLogsRequest request;
  request.set_tail(1);
  const auto stub = v1::PodService::NewStub(serving.over_network());
  auto reader = stub->Logs(&context, request);
  v1::LogLine line;
  QVERIFY(reader->Read(&line));
  QVERIFY(!reader->Read(&line));
  QVERIFY(reader->Finish().ok());
  let_go.count_down();
}

}  // namespace penstock::rpc

QTEST_GUILESS_MAIN(penstock::rpc::CallsTest)
#include "calls_test.moc"
