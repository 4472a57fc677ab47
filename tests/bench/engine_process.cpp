#include "bench/engine_process.h"

#include <QFile>

#include <fstream>
#include <sstream>

#ifndef _WIN32
#include <unistd.h>
#endif

namespace penstock::bench {
namespace {

constexpr const char* kToken = "bench";
constexpr int kStartMs = 60'000;
constexpr int kStopMs = 120'000;

}  // namespace

double Picture::rows_per_second() const {
  double sum = 0;
  for (const auto& [name, pipeline] : pipelines) sum += pipeline.rows_per_second();
  return sum;
}

EngineProcess::EngineProcess(const QString& workspace) : workspace_(workspace) {}

EngineProcess::~EngineProcess() {
  watcher_ = {};
  if (process_.state() == QProcess::NotRunning) return;
  process_.terminate();
  if (!process_.waitForFinished(kStopMs)) process_.kill();
  process_.waitForFinished(kStopMs);
}

std::string EngineProcess::start() {
  QFile token(state_.filePath("token"));
  if (!token.open(QIODevice::WriteOnly)) return "the token cannot be written";
  token.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
  token.write(kToken);
  token.close();
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.insert("XDG_STATE_HOME", state_.filePath("state"));
  process_.setProcessEnvironment(environment);
  process_.setStandardErrorFile(state_.filePath("engine.log"));
  process_.start(qEnvironmentVariable("PENSTOCK_BIN") + "/penstockd", {"--workspace", workspace_, "--token-file", token.fileName()});
  QByteArray line;
  while (!line.endsWith('\n') && process_.waitForReadyRead(kStartMs)) line += process_.readLine();
  constexpr std::string_view kSaid = "penstockd listens on ";
  if (!line.startsWith(kSaid.data())) {
    QFile log(state_.filePath("engine.log"));
    return "penstockd does not start: " + (log.open(QIODevice::ReadOnly) ? log.readAll().toStdString() : process_.errorString().toStdString());
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  channel_ = grpc::CreateCustomChannel(line.mid(kSaid.size()).trimmed().toStdString(), grpc::InsecureChannelCredentials(), arguments);
  watcher_ = std::jthread([this](std::stop_token stop) { watch(stop); });
  return {};
}

void EngineProcess::watch(std::stop_token stop) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", std::string("Bearer ") + kToken);
  const std::stop_callback cancel(stop, [&] { context.TryCancel(); });
  const auto stub = v1::TelemetryService::NewStub(channel_);
  const auto updates = stub->Watch(&context, {});
  v1::TelemetryUpdate update;
  while (updates->Read(&update)) {
    const std::lock_guard lock(mutex_);
    if (update.full()) picture_ = {};
    for (auto& pipeline : *update.mutable_pipelines()) picture_.pipelines[pipeline.name()] = std::move(pipeline);
    for (const auto& name : update.removed_pipelines()) picture_.pipelines.erase(name);
    for (auto& pod : *update.mutable_pods()) picture_.pods[pod.name()] = std::move(pod);
    for (const auto& name : update.removed_pods()) picture_.pods.erase(name);
    changed_.notify_all();
  }
}

Picture EngineProcess::now() const {
  const std::lock_guard lock(mutex_);
  return picture_;
}

bool EngineProcess::wait_for(const std::function<bool(const Picture&)>& reached, std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return reached(picture_); });
}

bool EngineProcess::query(const std::string& sql) const {
  grpc::ClientContext context;
  context.AddMetadata("authorization", std::string("Bearer ") + kToken);
  v1::RunQueryRequest request;
  request.set_sql(sql);
  const auto rows = v1::QueryService::NewStub(channel_)->Run(&context, request);
  v1::QueryResult part;
  while (rows->Read(&part)) {
  }
  return rows->Finish().ok();
}

QByteArray EngineProcess::ask(const QStringList& arguments) const {
  QProcess ctl;
  ctl.setProcessEnvironment(process_.processEnvironment());
  ctl.start(qEnvironmentVariable("PENSTOCK_BIN") + "/penstockctl", QStringList{"--workspace", workspace_, "--json"} + arguments);
  ctl.waitForFinished(kStopMs);
  return ctl.exitCode() == 0 ? ctl.readAllStandardOutput() : ctl.readAllStandardError();
}

double cpu_seconds_of(std::int64_t process_id) {
  std::ifstream file("/proc/" + std::to_string(process_id) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto after_name = text.rfind(')');
  if (after_name == std::string::npos) return 0;
  std::istringstream fields(text.substr(after_name + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;      // proc(5): utime is field 14, stime 15
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace penstock::bench
