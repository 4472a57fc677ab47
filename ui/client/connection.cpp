#include "client/connection.h"

#include <algorithm>
#include <grpcpp/create_channel.h>
#include <penstock/v1/engine.grpc.pb.h>
#include <QRandomGenerator>

#include "client/convert.h"
#include "client/unary_call.h"
#include "client/watch.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;

constexpr auto slowAfter = 2s;          // two heartbeats
constexpr auto silentAfter = 5s;        // then its states are unknown
constexpr auto reconnectAfter = 15s;    // a half-open connection never ends by itself
constexpr auto judgeEvery = 250ms;
constexpr auto firstRetry = 250ms;
constexpr auto lastRetry = 5'000ms;

std::shared_ptr<grpc::Channel> channelTo(const Endpoint& endpoint) {
  if (endpoint.channel) return endpoint.channel;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a dead engine's back-off is not another connection's
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 3'000);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel(endpoint.address.toStdString(), grpc::InsecureChannelCredentials(), arguments);
}

std::chrono::milliseconds since(const QElapsedTimer& timer) {
  return timer.isValid() ? std::chrono::milliseconds(timer.elapsed()) : std::chrono::milliseconds::max();
}

}  // namespace

QString nameOf(EngineState state) {
  switch (state) {
    case EngineState::Connecting: return QStringLiteral("connecting");
    case EngineState::Live: return QStringLiteral("live");
    case EngineState::Slow: return QStringLiteral("slow");
    case EngineState::NotAnswering: return QStringLiteral("not_answering");
    case EngineState::Unauthorised: return QStringLiteral("unauthorised");
    case EngineState::Incompatible: return QStringLiteral("incompatible");
  }
  return {};
}

Connection::Connection(Endpoint endpoint, QObject* parent)
    : QObject(parent),
      endpoint_(std::move(endpoint)),
      queue_(std::make_unique<UiQueue>()),
      transport_(std::make_unique<Transport>(channelTo(endpoint_), endpoint_.token.toStdString(), *queue_)) {
  connect(&judging_, &QTimer::timeout, this, &Connection::judge);
  retrying_.setSingleShot(true);
  connect(&retrying_, &QTimer::timeout, this, &Connection::ask);
  sinceMessage_.start();
  judging_.start(judgeEvery);
  ask();
}

Connection::~Connection() {
  stop();
  transport_->shutDown();
}

void Connection::stop() {
  queue_->close();
  judging_.stop();
  retrying_.stop();
  transport_->cancelAll();
}

std::chrono::milliseconds Connection::behind() const {
  return isFresh() ? delay_ : std::chrono::milliseconds(sinceMessage_.elapsed());
}

void Connection::retryNow() {
  failures_ = 0;
  if (watch_) {
    watch_->cancel();
    watch_.reset();
  }
  ask();
}

void Connection::ask() {
  if (asking_ || watch_) return;
  asking_ = true;
  retrying_.stop();
  startUnary<v1::EngineService>(
      *transport_, &v1::EngineService::Stub::async::GetInfo, v1::GetInfoRequest{}, 5s, engineInfoOf, this,
      Reply<EngineInfo>([this](const Answer<EngineInfo>& answer) {
        asking_ = false;
        answer ? accept(*answer) : refuse(answer.error());
      }));
}

void Connection::accept(const EngineInfo& info) {
  if (info.apiVersion != apiVersion) {
    problem_ = {"unsupported", QStringLiteral("Its API is version %1, this console speaks %2").arg(info.apiVersion).arg(apiVersion),
                QStringLiteral("Use a console of version %1").arg(info.version), {}};
    setState(EngineState::Incompatible);
    retryLater();
    return;
  }
  info_ = info;
  emit infoChanged();
  watch();
}

void Connection::refuse(const CallError& error) {
  problem_ = error;
  const bool mayNot = error.kind == "unauthenticated" || error.kind == "permission_denied";
  if (mayNot) {
    setState(EngineState::Unauthorised);
  } else if (state_ == EngineState::Unauthorised || state_ == EngineState::Incompatible || error.kind == "unavailable") {
    setState(EngineState::NotAnswering);
  }
  retryLater();
}

void Connection::watch() {
  watch_ = std::make_shared<Watch>(
      *transport_, Watch::Listener{[this] { takeMail(); }, [this](const CallError& error) {
                                     watch_.reset();
                                     refuse(error);
                                   }});
  if (!transport_->begin(watch_, {})) return;
  sinceWatch_.start();
  watch_->start(watch_, info_.engineId, picture_.sequence);
}

void Connection::takeMail() {
  const TelemetryChanges changes = watch_->take();
  failures_ = 0;
  problem_ = {};
  sinceMessage_.start();
  delay_ = std::max(0ms, std::chrono::duration_cast<std::chrono::milliseconds>(wallClockNow() - changes.at));
  picture_.take(changes);
  judge();
  emit changed(changes);
}

void Connection::retryLater() {
  const auto pause = std::min<std::chrono::milliseconds>(lastRetry, firstRetry * (1 << std::min(failures_++, 5)));
  const double jitter = 0.75 + QRandomGenerator::global()->generateDouble() / 2;
  retrying_.start(std::chrono::milliseconds(static_cast<int>(static_cast<double>(pause.count()) * jitter)));
}

void Connection::judge() {
  const auto silence = since(sinceMessage_);
  if (watch_ && silence > reconnectAfter && since(sinceWatch_) > reconnectAfter) {
    retryNow();
    return;
  }
  const bool refused = state_ == EngineState::Unauthorised || state_ == EngineState::Incompatible;
  if (refused && (!watch_ || silence > slowAfter)) return;
  const bool heard = isKnown(picture_.at);
  if (silence >= silentAfter) {
    if (problem_.message.isEmpty()) problem_ = {"unavailable", QStringLiteral("It does not answer"), {}, {}};
    setState(EngineState::NotAnswering);
  } else if (!heard || !watch_) {
    return;  // connecting, or waiting for the next try: the state says so already
  } else if (silence > slowAfter || delay_ > slowAfter) {
    setState(EngineState::Slow);
  } else {
    setState(EngineState::Live);
  }
}

void Connection::setState(EngineState state) {
  if (state_ == state) return;
  state_ = state;
  emit stateChanged();
}

}  // namespace penstock::ui
