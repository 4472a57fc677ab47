#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>

#include "client/call.h"
#include "client/commands.h"
#include "client/connection.h"
#include "client/rows.h"

namespace penstock::ui {

// Beside a table of rejected rows: where the current one came from and how far it got, and what redriving the chosen ones
// would do.
class RejectedDetail : public QObject {
  Q_OBJECT
 public:
  explicit RejectedDetail(QObject* parent = nullptr);

  // An empty id: none.
  void showRow(Connection* engine, const QString& rowId);
  // `rows` 0: none. Asked when the choice has rested for a moment.
  void showChoice(Connection* engine, const RejectedFilter& chosen, qint64 rows);

  const std::optional<RejectedJourney>& journey() const { return journey_; }
  const QString& journeyProblem() const { return journeyProblem_; }
  // "Preview: 4 rows → silver.sales, ops.velocity. 18 windows are computed again; nothing else changes."
  const QString& previewText() const { return previewText_; }

 signals:
  void changed();

 private:
  void askPreview();

  std::optional<RejectedJourney> journey_;
  QString journeyProblem_;
  ScopedCall journeyCall_;
  QPointer<Connection> engine_;
  RejectedFilter chosen_;
  QString previewText_;
  QTimer resting_;
  ScopedCall previewCall_;
};

}  // namespace penstock::ui
