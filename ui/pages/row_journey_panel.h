#pragma once

#include <QWidget>

#include "viewmodels/rejected_detail.h"

class QPlainTextEdit;
class QVBoxLayout;

namespace penstock::ui {

class Button;
class Label;

// Beside the failing rows: where one came from and how far it got, with the bytes as they came.
class RowJourneyPanel : public QWidget {
  Q_OBJECT
 public:
  explicit RowJourneyPanel(QWidget* parent = nullptr);

  void show(const RejectedDetail& detail);

 private:
  void addStop(const JourneyStop& stop);

  Label* title_;
  Label* subtitle_;
  QVBoxLayout* stops_;
  Button* showBytes_;
  QPlainTextEdit* bytes_;
  QString shown_;               // id of the row; empty: none
};

}  // namespace penstock::ui
