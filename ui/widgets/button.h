#pragma once

#include <QPushButton>

namespace penstock::ui {

// A push button that says how much it is wanted: one primary button a view, the one that an expert would press.
class Button final : public QPushButton {
  Q_OBJECT

 public:
  enum class Kind {
    primary,    // filled with the accent
    secondary,  // an edge
    destroys,   // filled with the failing colour: cannot be undone
    link,       // text in the accent only
  };

  explicit Button(const QString& text, Kind kind = Kind::secondary, QWidget* parent = nullptr);

  Kind kind() const { return kind_; }
  void setKind(Kind kind);

 private:
  Kind kind_;
};

}  // namespace penstock::ui
