#pragma once

#include <memory>
#include <QTimer>
#include <QWidget>

class QGridLayout;

namespace penstock::ui {

class ActionSheet;
class AttentionCard;
class Button;
class InlineSheet;
class Session;

// The three worst things as cards side by side, the others in lines of three when they are asked for. Each card's first button is what an expert would press.
class AttentionCards : public QWidget {
  Q_OBJECT
 public:
  static constexpr int mostCards = 3;

  explicit AttentionCards(Session& session, QWidget* parent = nullptr);
  ~AttentionCards() override;

  // "and 37 more", for the page to put beside its heading; hidden while all are shown.
  Button* more() const { return more_; }

 private:
  struct Place;

  void refresh();
  void act(Place& place, const QString& action);

  Session& session_;
  std::vector<std::unique_ptr<Place>> places_;
  QGridLayout* grid_;
  Button* more_;
  int mostShown_ = mostCards;
  QTimer ageing_;
};

}  // namespace penstock::ui
