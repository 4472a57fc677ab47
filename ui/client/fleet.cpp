#include "client/fleet.h"

#include <algorithm>

namespace penstock::ui {

Fleet::~Fleet() {
  for (auto& connection : connections_) connection->stop();
  connections_.clear();
}

Connection& Fleet::add(Endpoint endpoint) {
  const QString wanted = endpoint.name.isEmpty() ? endpoint.address : endpoint.name;
  endpoint.name = wanted;
  for (int number = 2; find(endpoint.name); ++number) endpoint.name = QStringLiteral("%1-%2").arg(wanted).arg(number);
  auto& connection = *connections_.emplace_back(std::make_unique<Connection>(std::move(endpoint)));
  connect(&connection, &Connection::stateChanged, this, [this, &connection] { emit stateChanged(&connection); });
  connect(&connection, &Connection::infoChanged, this, [this, &connection] { emit infoChanged(&connection); });
  connect(&connection, &Connection::changed, this,
          [this, &connection](const TelemetryChanges& changes) { emit changed(&connection, changes); });
  emit added(&connection);
  return connection;
}

void Fleet::remove(const QString& name) {
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& connection) { return connection->name() == name; });
  if (found == connections_.end()) return;
  emit aboutToRemove(found->get());
  connections_.erase(found);
}

Connection* Fleet::find(const QString& name) const {
  for (const auto& connection : connections_) {
    if (connection->name() == name) return connection.get();
  }
  return nullptr;
}

std::vector<Connection*> Fleet::connections() const {
  std::vector<Connection*> all;
  all.reserve(connections_.size());
  for (const auto& connection : connections_) all.push_back(connection.get());
  return all;
}

}  // namespace penstock::ui
