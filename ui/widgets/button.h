#pragma once

#include <QPushButton>

namespace penstock::ui {

// A push button that says how much it is wanted: one primary button a view, the one that an expert would press.
class Button final : public QPushButton {
  Q_OBJECT

 public:
  enum class Kind {
    Primary,    // filled with the accent
    Secondary,  // an edge
    Destroys,   // filled with the failing colour: cannot be undone
    Link,       // text in the accent only
    Quiet,      // dim text only: what can be pressed but seldom is
  };

  explicit Button(const QString& text, Kind kind = Kind::Secondary, QWidget* parent = nullptr);

  Kind kind() const { return kind_; }
  void setKind(Kind kind);

 private:
  Kind kind_;
};

}  // namespace penstock::ui
