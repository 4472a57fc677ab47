#pragma once

#include <QLabel>

#include "widgets/tone.h"

namespace penstock::ui {

// A line or paragraph of text in one of the theme's voices; follows a change of theme. Plain text unless told.
class Label final : public QLabel {
  Q_OBJECT

 public:
  enum class Font { Text, Strong, Heading, Small, Mono };

  explicit Label(const QString& text = {}, Tone tone = Tone::Normal, Font font = Font::Text, QWidget* parent = nullptr);

  void setTone(Tone tone);
  void setLook(Font font);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void adopt();

  Tone tone_;
  Font look_;
};

}  // namespace penstock::ui
