#include "rpc/replay_service.h"

#include "rpc/page.h"
#include "rpc/rejected_messages.h"
#include "rpc/telemetry_messages.h"

namespace penstock::rpc {
namespace {

constexpr double kAssumedRate = 50'000;      // rows/s, to estimate how long an unlimited replay takes

std::map<std::string, Positions> read(const google::protobuf::RepeatedPtrField<v1::Position>& messages) {
  std::map<std::string, Positions> positions;
  for (const auto& position : messages) positions[position.source()][position.partition()] = position.offset();
  return positions;
}

ReplayWish wish_of(const v1::ReplayRequest& request) {
  return {.pipeline = request.pipeline(), .from_time = request.from_time(), .to_time = request.to_time(),
          .steps = {request.steps().begin(), request.steps().end()}, .rate_limit = request.rate_limit(),
          .include_sinks = {request.include_sinks().begin(), request.include_sinks().end()},
          .from_positions = read(request.from_positions()), .to_positions = read(request.to_positions())};
}

std::int64_t estimate(std::int64_t rows, double rate) { return static_cast<std::int64_t>(static_cast<double>(rows) / (rate > 0 ? rate : kAssumedRate) * 1e6); }

void write(const ReplayPlan& plan, v1::ReplayPreview& message) {
  message.set_pipeline(plan.launch.stream);
  message.set_from_time(plan.launch.from_time);
  message.set_to_time(plan.launch.to_time);
  message.set_warm_up_from(plan.launch.warm_up_from);
  message.set_rows(plan.rows);
  message.set_estimated_micros(estimate(plan.rows, plan.launch.rate_limit));
  for (const auto& sink : plan.sinks) {
    auto& effect = *message.add_sinks();
    effect.set_sink(sink.sink);
    effect.set_effect(sink.effect);
    effect.set_rows(sink.rows);
  }
  for (const auto& table : plan.tables) message.add_tables(table);
  message.set_windows(plan.windows);
  for (const auto& warning : plan.warnings) message.add_warnings(warning);
  message.set_sends_again(plan.sends_again);
  message.set_safe(plan.sends_again == 0);
}

// A redrive without a stream could mean every row there is.
Result<RejectedFilter> filter_of(const v1::RedriveRequest& request) {
  if (request.filter().stream().empty()) return Error(ErrorKind::invalid_argument, "which pipeline's rows is not said", "name one");
  return read_filter(request.filter());
}

}  // namespace

grpc::ServerUnaryReactor* ReplayService::PreviewReplay(grpc::CallbackServerContext* context, const v1::ReplayRequest* request, v1::ReplayPreview* response) {
  return calls_.unary<v1::ReplayRequest, v1::ReplayPreview>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto plan, replays_.preview(wish_of(request)));
    write(plan, response);
    return {};
  });
}

Status ReplayService::start(const CallContext& call, const v1::Command& command, const CommandSubject& subject,
                            const std::function<Result<ReplayState>(const Request&)>& work, v1::ReplayState& response) const {
  PENSTOCK_TRY(commands_.run(call, command, subject, [&]() -> Result<std::string> {
    PENSTOCK_TRY(work({.id = command.id(), .who = call.who, .why = command.why()}));
    return "started as " + command.id();
  }));
  if (const auto state = registry_.replay(command.id())) rpc::write(*state, response);
  return {};
}

grpc::ServerUnaryReactor* ReplayService::StartReplay(grpc::CallbackServerContext* context, const v1::ReplayRequest* request, v1::ReplayState* response) {
  return calls_.unary<v1::ReplayRequest, v1::ReplayState>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    return start(call, request.command(), {.action = "replay pipeline", .target = request.pipeline(), .touches = "the tables below " + request.pipeline()},
                 [&](const Request& command) { return replays_.start(wish_of(request), request.confirmed_rows(), command); }, response);
  });
}

grpc::ServerUnaryReactor* ReplayService::PreviewRedrive(grpc::CallbackServerContext* context, const v1::RedriveRequest* request, v1::ReplayPreview* response) {
  return calls_.unary<v1::RedriveRequest, v1::ReplayPreview>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto filter, filter_of(request));
    PENSTOCK_ASSIGN(const auto preview, preview_redrive(rejected_, filter));
    response.set_pipeline(filter.stream);
    response.set_rows(preview.rows);
    response.set_refused_rows(preview.refused);
    response.set_estimated_micros(estimate(preview.rows, request.rate_limit()));
    response.set_safe(true);
    return {};
  });
}

grpc::ServerUnaryReactor* ReplayService::Redrive(grpc::CallbackServerContext* context, const v1::RedriveRequest* request, v1::ReplayState* response) {
  return calls_.unary<v1::RedriveRequest, v1::ReplayState>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto filter, filter_of(request));
    return start(call, request.command(), {.action = "redrive rows", .target = filter.stream, .touches = "rejected rows of " + filter.stream},
                 [&](const Request& command) { return replays_.redrive(filter, request.rate_limit(), command); }, response);
  });
}

grpc::ServerUnaryReactor* ReplayService::Discard(grpc::CallbackServerContext* context, const v1::RedriveRequest* request, v1::CommandOutcome* response) {
  return calls_.unary<v1::RedriveRequest, v1::CommandOutcome>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto filter, filter_of(request));
    const CommandSubject subject{.action = "discard rows", .target = filter.stream, .touches = "rejected rows of " + filter.stream};
    PENSTOCK_ASSIGN(response, commands_.run(call, request.command(), subject, [&] {
      return replays_.discard(filter, {.id = request.command().id(), .who = call.who, .why = request.command().why()});
    }));
    return {};
  });
}

grpc::ServerUnaryReactor* ReplayService::steer(grpc::CallbackServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* response,
                                               const char* action) {
  return calls_.unary<v1::ReplayCommand, v1::CommandOutcome>(context, request, response, [this, action](const CallContext& call, const auto& request, auto& response) -> Status {
    const auto state = registry_.replay(request.replay_id());
    const CommandSubject subject{.action = std::string(action) + " replay", .target = request.replay_id(), .touches = state ? state->pipeline : "",
                                 .state = state ? state->status : ""};
    PENSTOCK_ASSIGN(response, commands_.run(call, request.command(), subject, [&] { return replays_.control(request.replay_id(), action, request.rate_limit()); }));
    return {};
  });
}

grpc::ServerUnaryReactor* ReplayService::Pause(grpc::CallbackServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* response) {
  return steer(context, request, response, "pause");
}
grpc::ServerUnaryReactor* ReplayService::Resume(grpc::CallbackServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* response) {
  return steer(context, request, response, "resume");
}
grpc::ServerUnaryReactor* ReplayService::Cancel(grpc::CallbackServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* response) {
  return steer(context, request, response, "cancel");
}
grpc::ServerUnaryReactor* ReplayService::SetRate(grpc::CallbackServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* response) {
  return steer(context, request, response, "rate");
}

grpc::ServerUnaryReactor* ReplayService::List(grpc::CallbackServerContext* context, const v1::ListReplaysRequest* request, v1::ListReplaysResponse* response) {
  return calls_.unary<v1::ListReplaysRequest, v1::ListReplaysResponse>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto page, replays_.list(offset_of(request.page()), limit_of(request.page())));
    response.set_total(page.total);
    for (const auto& record : page.replays) rpc::write(replay_state_of(record), *response.add_replays());
    return {};
  });
}

}  // namespace penstock::rpc
