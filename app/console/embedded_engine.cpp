#include "console/embedded_engine.h"

#include <filesystem>
#include <QFileInfo>
#include <QMetaObject>
#include <QProcess>

#include "engine/connectors.h"
#include "engine/state_root.h"
#include "rpc/pod_client.h"
#include "serving/program_folder.h"
#include "workspace/loader.h"

namespace penstock {
namespace {

QString sentenceOf(const Error& error) {
  QString text = QString::fromStdString(error.to_string());
  if (!error.action.empty()) text += QStringLiteral(" — ") + QString::fromStdString(error.action);
  return text;
}

std::optional<EngineHolder> holderOf(const std::string& workspace, const std::string& environment) {
  const LoadResult loaded = load_workspace(workspace, environment, declarations_of(all_connectors({})));
  if (loaded.workspace.name.empty()) return std::nullopt;       // opening it says what is wrong
  const auto root = state_root_of(loaded.workspace);
  return root.ok() ? holder_of(*root) : std::nullopt;
}

}  // namespace

EmbeddedEngine::EmbeddedEngine(QString workspace, QString environment, std::shared_ptr<LogRing> logs)
    : workspace_(QFileInfo(workspace).absoluteFilePath()), environment_(std::move(environment)), logs_(std::move(logs)) {}

EmbeddedEngine::~EmbeddedEngine() {
  if (working_.joinable()) working_.join();
}

void EmbeddedEngine::open() {
  working_ = std::thread([this] {
    auto endpoint = start();
    QMetaObject::invokeMethod(this, [this, endpoint = std::move(endpoint)] {
      working_.join();
      if (endpoint.ok()) emit opened(*endpoint);
      else emit failed(sentenceOf(endpoint.error()));
    });
  });
}

Result<ui::Endpoint> EmbeddedEngine::start() {
  const std::string workspace = workspace_.toStdString();
  const std::string environment = environment_.toStdString();
  const QString name = QFileInfo(workspace_).fileName();
  if (const auto holder = holderOf(workspace, environment); holder && !holder->address.empty()) {
    return ui::Endpoint{name, QString::fromStdString(holder->address), QString::fromStdString(holder->token), nullptr};
  }
  std::string penstockd = penstockd_beside_this();
  if (!std::filesystem::exists(penstockd)) penstockd.clear();   // streams then run in this process
  PENSTOCK_ASSIGN(server_, EngineServer::start({.workspace_root = workspace, .environment = environment, .penstockd = penstockd, .connect = rpc::connect_to_pod, .logs = logs_}, {}));
  return ui::Endpoint{name, QString::fromStdString(server_->address()), {}, server_->in_process_channel()};
}

void EmbeddedEngine::close(OnClose onClose) {
  if (!server_ || working_.joinable()) return;
  working_ = std::thread([this, onClose] {
    server_->stop(onClose);
    server_.reset();
    QMetaObject::invokeMethod(this, [this] {
      working_.join();
      emit closed();
    });
  });
}

bool EmbeddedEngine::handOver() const {
  QStringList arguments{QStringLiteral("--workspace"), workspace_, QStringLiteral("--keep-pods")};
  if (!environment_.isEmpty()) arguments << QStringLiteral("--env") << environment_;
  return QProcess::startDetached(QString::fromStdString(penstockd_beside_this()), arguments);
}

}  // namespace penstock
