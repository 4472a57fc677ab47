#pragma once

#include <functional>
#include <memory>
#include <QObject>
#include <QString>
#include <thread>

#include "client/connection.h"
#include "serving/engine_server.h"

namespace penstock {

// The engine inside the console. Opening and closing take their time on a thread of their own; the answers come on the
// UI thread. A workspace that another engine holds is not opened twice: its address is given instead.
class EmbeddedEngine : public QObject {
  Q_OBJECT
 public:
  EmbeddedEngine(QString workspace, QString environment, std::shared_ptr<LogRing> logs);
  ~EmbeddedEngine() override;   // waits; pods go on

  void open();
  // Once, after the connection to its channel is gone.
  void close(OnClose onClose);
  // Pods go on under a penstockd without a display. True when that could be started.
  bool handOver() const;

  const QString& workspace() const { return workspace_; }
  bool isOpen() const { return server_ != nullptr; }

 signals:
  void opened(const penstock::ui::Endpoint& endpoint);
  void failed(const QString& sentence);
  void closed();

 private:
  Result<ui::Endpoint> start();

  const QString workspace_;
  const QString environment_;
  const std::shared_ptr<LogRing> logs_;
  std::unique_ptr<EngineServer> server_;        // set by the thread before opened()
  std::thread working_;
};

}  // namespace penstock
