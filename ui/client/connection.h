#pragma once

#include <chrono>
#include <memory>
#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include "client/answer.h"
#include "client/picture.h"
#include "client/values.h"

namespace grpc { class Channel; }

namespace penstock::ui {

class Transport;
class UiQueue;
class Watch;

// Connecting is the client's own word for "not asked yet"; the others are the engine's states of semantics.md.
enum class EngineState { Connecting, Live, Slow, NotAnswering, Unauthorised, Incompatible };

QString nameOf(EngineState state);      // "live", "not_answering", …

struct Endpoint {
  QString name;                 // how the console calls this engine; unique in the fleet, stands in links
  QString address;              // "host:port"; not used when there is a channel
  QString token;                // sent as "authorization: Bearer …"; empty: none
  std::shared_ptr<grpc::Channel> channel;   // in-process; empty: connect to the address
};

// One engine: who it is, whether it answers, and all it has told. Reconnects by itself, for ever, and resumes its
// telemetry where it stopped. Lives on the UI thread; the network lives on gRPC's threads.
class Connection : public QObject {
  Q_OBJECT
 public:
  static constexpr int apiVersion = 1;

  explicit Connection(Endpoint endpoint, QObject* parent = nullptr);
  // Cancels all calls and waits until gRPC has let go of them; no reply comes afterwards.
  ~Connection() override;

  const QString& name() const { return endpoint_.name; }
  const QString& address() const { return endpoint_.address; }
  bool isEmbedded() const { return endpoint_.channel != nullptr; }
  EngineState state() const { return state_; }
  bool isFresh() const { return state_ == EngineState::Live || state_ == EngineState::Slow; }
  // Empty engineId until it has answered once.
  const EngineInfo& info() const { return info_; }
  const EnginePicture& picture() const { return picture_; }
  // What stands in the way while the state is not live.
  const CallError& problem() const { return problem_; }
  // How old what is shown is: the engine's delay while it reports, its silence when it does not.
  std::chrono::milliseconds behind() const;

  void retryNow();
  // Cancels all calls without waiting for them; no reply comes any more. For closing many engines at once.
  void stop();
  Transport& transport() { return *transport_; }

 signals:
  void stateChanged();
  void infoChanged();
  void changed(const penstock::ui::TelemetryChanges& changes);

 private:
  void ask();
  void accept(const EngineInfo& info);
  void refuse(const CallError& error);
  void watch();
  void takeMail();
  void retryLater();
  void judge();
  void setState(EngineState state);

  const Endpoint endpoint_;
  std::unique_ptr<UiQueue> queue_;
  std::unique_ptr<Transport> transport_;
  std::shared_ptr<Watch> watch_;
  EngineInfo info_;
  EnginePicture picture_;
  CallError problem_;
  EngineState state_ = EngineState::Connecting;
  QElapsedTimer sinceMessage_;
  QElapsedTimer sinceWatch_;
  std::chrono::milliseconds delay_{};   // of the last update, between measured and arrived
  int failures_ = 0;                    // in a row, for the back-off
  bool asking_ = false;
  QTimer judging_;
  QTimer retrying_;
};

}  // namespace penstock::ui
