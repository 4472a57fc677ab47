#pragma once

#include <memory>
#include <QObject>
#include <vector>

#include "client/connection.h"

namespace penstock::ui {

// All engines that the console is connected to. Each has its own connection, so a dead one never blocks another.
class Fleet : public QObject {
  Q_OBJECT
 public:
  explicit Fleet(QObject* parent = nullptr) : QObject(parent) {}
  // In-flight calls of all engines are cancelled together; then each is waited for.
  ~Fleet() override;

  // A name that is taken gets a number. The connection belongs to the fleet.
  Connection& add(Endpoint endpoint);
  void remove(const QString& name);

  Connection* find(const QString& name) const;
  std::vector<Connection*> connections() const;
  int size() const { return static_cast<int>(connections_.size()); }

 signals:
  void added(penstock::ui::Connection* connection);
  void aboutToRemove(penstock::ui::Connection* connection);
  // One of the connections says so.
  void stateChanged(penstock::ui::Connection* connection);
  void infoChanged(penstock::ui::Connection* connection);
  void changed(penstock::ui::Connection* connection, const penstock::ui::TelemetryChanges& changes);

 private:
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace penstock::ui
