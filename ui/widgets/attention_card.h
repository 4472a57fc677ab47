#pragma once

#include <QList>

#include "widgets/panel.h"

class QHBoxLayout;
class QVBoxLayout;

namespace penstock::ui {

class Button;
class Label;
class ShapeMark;

// One thing that needs the operator, as sentences.
struct AttentionText {
  struct Action {
    QString id;
    QString text;
  };

  QString id;
  StateShape shape = StateShape::Failing;
  QString subject;        // "loyalty-2 is stuck"
  QString age;            // "4 m 12 s"
  QString impact;         // "Holds back 3 tables"
  QString detail;         // "No epoch closed since 14:27:55 · 182,400 rows wait"
  QList<Action> actions;  // the first is what an expert would press
};

// A card of the overview. Its own sheet unfolds inside it, beside the thing it acts on.
class AttentionCard final : public Panel {
  Q_OBJECT

 public:
  explicit AttentionCard(QWidget* parent = nullptr);

  // Buttons whose id and text stay are kept, so that a live age does not steal the focus.
  void setText(const AttentionText& text);
  const QString& id() const { return text_.id; }

  // Shows `sheet` below the buttons, or takes it away with nullptr; the card takes it as its child.
  void setSheet(QWidget* sheet);

 signals:
  void actionPressed(const QString& id, const QString& action);
  // The card itself was clicked, or Enter pressed on it.
  void opened(const QString& id);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

 private:
  void rebuildActions();

  AttentionText text_;
  ShapeMark* mark_;
  Label* subject_;
  Label* age_;
  Label* impact_;
  Label* detail_;
  QHBoxLayout* actions_;
  QVBoxLayout* layout_;
  QWidget* sheet_ = nullptr;
  QList<Button*> buttons_;
};

}  // namespace penstock::ui
