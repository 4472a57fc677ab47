#include "serving/engine_server.h"

#include "base/ids.h"
#include "base/log.h"
#include "engine/connection_tests.h"
#include "engine/own_process.h"
#include "rpc/activity_service.h"
#include "rpc/engine_service.h"
#include "rpc/lineage_service.h"
#include "rpc/pipeline_service.h"
#include "rpc/pod_service.h"
#include "rpc/quality_service.h"
#include "rpc/query_service.h"
#include "rpc/replay_service.h"
#include "rpc/telemetry_service.h"
#include "rpc/workspace_service.h"
#include "serving/version.h"

namespace penstock {
namespace {

constexpr std::chrono::seconds kStopDeadline{2};    // calls that still run are then cancelled
constexpr int kLeastPingInterval = 5'000;           // ms, of clients that wait for something that takes long

v1::EngineInfo describe(Engine& engine, const std::string& address) {
  const auto version = engine.applied().current();
  v1::EngineInfo info;
  info.set_engine_id(engine.id());
  info.set_version(kVersion);
  info.set_api_version(kApiVersion);
  info.set_workspace(version->workspace->name);
  info.set_workspace_root(engine.options().workspace_root);
  info.set_environment(engine.options().environment);
  info.set_is_protected(version->workspace->is_protected);
  for (const auto& environment : version->workspace->environments)
    if (environment.name == engine.options().environment) info.set_colour(environment.colour);
  info.set_state_root(engine.state_root());
  info.set_tables_root(engine.tables_root());
  info.set_started_at(engine.started_at());
  info.set_applied_version(version->number);
  info.set_process_id(own_process_id());
  info.set_address(address);
  return info;
}

}  // namespace

// Destroyed after the server was shut down; `calls` waits for handlers that still run.
struct EngineServer::Services {
  Services(Engine& engine, const std::string& token, const std::string& address)
      : connection_tests(engine.applied(), engine.connectors()), commands(engine.audit()), calls({.token = token}),
        info(calls, [&engine, &address] { return describe(engine, address); }),
        telemetry(calls, engine.id(), engine.registry(), engine.history()),
        pipelines(calls, commands, engine.pipelines(), engine.registry()),
        pods(calls, commands, engine.supervisor(), engine.pods(), engine.registry()), columns(engine.applied(), engine.connectors()), lineage(calls, engine.applied(), columns),
        quality({.calls = calls, .commands = commands, .applied = engine.applied(), .mutes = engine.mutes(), .registry = engine.registry(), .rejected = engine.rejected(),
                 .tables = engine.tables(), .seeds = engine.seeds()}),
        replays(calls, commands, engine.replays(), engine.rejected(), engine.registry()), queries(calls, engine.tables()),
        workspace({.calls = calls, .commands = commands, .workspace = engine.workspace(), .applied = engine.applied(), .connections = connection_tests,
                   .connectors = engine.connectors(), .state_root = engine.state_root()}),
        activity(calls, engine.audit(), engine.logs()) {}

  std::vector<grpc::Service*> all() { return {&info, &telemetry, &pipelines, &pods, &lineage, &quality, &replays, &queries, &workspace, &activity}; }

  ConnectionTests connection_tests;
  rpc::Commands commands;
  rpc::Calls calls;
  rpc::EngineService info;
  rpc::TelemetryService telemetry;
  rpc::PipelineService pipelines;
  rpc::PodService pods;
  ColumnLineage columns;
  rpc::LineageService lineage;
  rpc::QualityService quality;
  rpc::ReplayService replays;
  rpc::QueryService queries;
  rpc::WorkspaceService workspace;
  rpc::ActivityService activity;
};

Result<std::unique_ptr<EngineServer>> EngineServer::start(EngineOptions engine, const ServeOptions& options) {
  PENSTOCK_ASSIGN(auto opened, Engine::open(std::move(engine)));
  std::unique_ptr<EngineServer> server(new EngineServer(std::move(opened), options.token.empty() ? random_id() : options.token));
  PENSTOCK_TRY(server->listen(options.listen));
  const auto version = server->engine().applied().current();
  log_info("workspace {} is open: version {}, {} pipelines, state in {}", version->workspace->name, version->number, version->workspace->streams.size(),
               server->engine().state_root());
  return server;
}

EngineServer::EngineServer(std::unique_ptr<Engine> engine, std::string token)
    : engine_(std::move(engine)), token_(std::move(token)), services_(std::make_unique<Services>(*engine_, token_, address_)) {}

Status EngineServer::listen(const std::string& address) {
  grpc::ServerBuilder builder;
  int port = 0;
  if (!address.empty()) builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  // Two engines on one port would each get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kLeastPingInterval);
  for (auto* service : services_->all()) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  if (!server_ || (!address.empty() && port == 0))
    return Error(ErrorKind::unavailable, "cannot listen on " + address, "is the port taken? --listen 127.0.0.1:0 takes a free one", address);
  if (address.empty()) return {};
  address_ = address.substr(0, address.rfind(':') + 1) + std::to_string(port);
  return engine_->lock().publish(address_, token_);
}

std::shared_ptr<grpc::Channel> EngineServer::in_process_channel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return server_->InProcessChannel(arguments);
}

EngineServer::~EngineServer() { stop(OnClose::keep_running); }

void EngineServer::stop(OnClose on_close) {
  if (!engine_) return;
  if (server_) server_->Shutdown(std::chrono::system_clock::now() + kStopDeadline);
  services_.reset();
  server_.reset();
  engine_->close(on_close);
  engine_.reset();
}

}  // namespace penstock
