#pragma once

#include <QWidget>

#include <optional>

#include "widgets/state_shape.h"

namespace penstock::ui {

// A surface in the panel colour with a one-pixel outline. Where it tells a state, a bar in the state's colour stands at
// its left.
class Panel : public QWidget {
  Q_OBJECT

 public:
  explicit Panel(QWidget* parent = nullptr);

  void setState(std::optional<StateShape> state);
  // Outline in the state's colour instead of a bar.
  void setOutlined(bool outlined);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  std::optional<StateShape> state_;
  bool outlined_ = false;
};

}  // namespace penstock::ui
