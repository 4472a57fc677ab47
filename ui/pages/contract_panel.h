#pragma once

#include <QPointer>
#include <QWidget>

#include "client/call.h"
#include "client/connection.h"
#include "client/records.h"

class QVBoxLayout;

namespace penstock::ui {

class Label;
class Session;

// The contract of a source: as it is declared, what it has become since, and the fields that its records have and it has not.
class ContractPanel : public QWidget {
  Q_OBJECT
 public:
  explicit ContractPanel(Session& session, QWidget* parent = nullptr);

  // No engine: nothing is shown.
  void show(Connection* engine, const QString& pipeline, const QString& source);
  // The same source, newer numbers.
  void refresh();

 private:
  Session& session_;
  QPointer<Connection> engine_;
  QString pipeline_;
  QString source_;
  std::vector<SourceContracts> contracts_;      // of all sources of the pipeline
  QString problem_;
  bool loading_ = false;
  QString shown_;               // what stands there, to leave it where nothing has changed
  ScopedCall call_;
  Label* title_;
  QVBoxLayout* lines_;
};

}  // namespace penstock::ui
