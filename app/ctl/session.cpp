#include "ctl/session.h"

#include <cstdlib>

#include "base/ids.h"
#include "engine/connectors.h"
#include "engine/state_root.h"
#include "rpc/call_context.h"
#include "secrets/secret_provider.h"
#include "serving/engine_server.h"
#include "serving/logging.h"
#include "serving/who.h"

namespace penstock::ctl {
namespace {

constexpr std::chrono::seconds kConnectDeadline{5};
// A call that reads on for long has no deadline: an engine that says nothing for so long, not even to a ping, is gone.
constexpr std::chrono::milliseconds kPingAfter{10'000}, kPingDeadline{5'000};

std::shared_ptr<grpc::Channel> channel_to(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(kPingAfter.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(kPingDeadline.count()));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);      // as many as it takes
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// The engine that holds the workspace now, if one does.
Result<std::optional<EngineHolder>> find_holder(const SessionOptions& options) {
  const LoadResult loaded = load_workspace(options.workspace, options.environment, declarations_of(all_connectors({})));
  if (loaded.workspace.name.empty())
    return Error(ErrorKind::invalid_argument, loaded.problems.empty() ? "this is no workspace" : loaded.problems.front().to_string(),
                 "name one with --workspace, or an engine with --engine", options.workspace);
  PENSTOCK_ASSIGN(const auto state_root, state_root_of(loaded.workspace));
  return holder_of(state_root);
}

}  // namespace

Session::Session() = default;
Session::~Session() = default;

Result<std::shared_ptr<grpc::Channel>> Session::channel() {
  if (!channel_) {
    PENSTOCK_ASSIGN(channel_, connect());
  }
  return channel_;
}

Result<std::shared_ptr<grpc::Channel>> Session::connect() {
  if (const char* token = std::getenv("PENSTOCK_TOKEN")) token_ = token;
  if (!options.token_file.empty()) {
    PENSTOCK_ASSIGN(token_, secret_from_file(options.token_file));
  }
  if (!options.engine.empty()) {
    address_ = options.engine;
  } else {
    PENSTOCK_ASSIGN(const auto holder, find_holder(options));
    if (!holder) {
      PENSTOCK_ASSIGN(server_, EngineServer::start({.workspace_root = options.workspace, .environment = options.environment, .start_streams = false,
                                                    .logs = log_as_engine(LogTo::nowhere)},
                                                   {.listen = {}}));
      return server_->in_process_channel();
    }
    address_ = holder->address;
    token_ = holder->token;
    if (address_.empty()) return Error(ErrorKind::unavailable, "the engine that holds this workspace (process " + std::to_string(holder->process_id) + ") does not listen yet", "try again in a moment");
  }
  auto channel = channel_to(address_);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + kConnectDeadline))
    return Error(ErrorKind::unavailable, "no engine answers at " + address_, "is penstockd running?", address_);
  return channel;
}

void Session::prepare(grpc::ClientContext& context) const {
  context.AddMetadata(rpc::kWho, who_am_i());
  if (!token_.empty()) context.AddMetadata(rpc::kAuthorization, "Bearer " + token_);
}

Error Session::failure(const grpc::Status& status, const grpc::ClientContext& context) const {
  Error error = rpc::error_of(status, context);
  // What the engine itself says is unavailable (a pod, a peer) is a failure; `unavailable` means the engine, see failure.h.
  const bool said_by_engine = context.GetServerTrailingMetadata().count(rpc::kErrorTrailer) > 0;
  if (error.kind == ErrorKind::unavailable && said_by_engine) error.kind = ErrorKind::failed_precondition;
  if (!said_by_engine && error.kind == ErrorKind::unavailable) error.message = "the engine at " + address_ + " does not answer";
  if (!said_by_engine && error.kind == ErrorKind::deadline_exceeded)
    error = Error(ErrorKind::deadline_exceeded, "the engine did not answer in time", "a command that changes something may still run: penstockctl audit shows it", address_);
  return error;
}

v1::Command Session::new_command() const {
  v1::Command command;
  command.set_id(random_id());
  command.set_why(options.why);
  return command;
}

}  // namespace penstock::ctl
