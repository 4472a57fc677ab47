#pragma once

#include "pages/page.h"
#include "viewmodels/workspace_connections_model.h"

class QVBoxLayout;

namespace penstock::ui {

class Button;
class ConnectForm;
class Label;
class TableView;

// Engines, the connections of the chosen engine's workspace with Test, and how the console looks.
class SettingsPage : public Page {
  Q_OBJECT
 public:
  explicit SettingsPage(Session& session, QWidget* parent = nullptr);

  void open(const Link& link) override;
  Link here() const override { return {{}, QStringLiteral("settings"), {}, {}}; }
  QJsonObject layoutState() const override;
  void restoreLayoutState(const QJsonObject& state) override;
  QWidget* firstFocus() override;

 private:
  QWidget* makeEngines();
  QWidget* makeConnections();
  QWidget* makeAppearance();
  void connectTo(const QString& address, const QString& tokenFile);
  void disconnectSelected();
  void fit();

  WorkspaceConnectionsModel connections_;
  TableView* engineTable_;
  TableView* connectionTable_;
  Button* disconnect_;
  Button* test_;
  ConnectForm* form_;
  Label* connectionsTitle_;
};

}  // namespace penstock::ui
