#pragma once

#include <QLabel>

#include "widgets/tone.h"

namespace penstock::ui {

// A line or paragraph of text in one of the theme's voices; follows a change of theme. Plain text unless told.
// No text makes its place wider than it is: a line ends in "…" and tells all of itself in its tooltip, a paragraph may break
// within a name.
class Label final : public QLabel {
  Q_OBJECT

 public:
  enum class Font { Text, Strong, Heading, Small, Mono };

  explicit Label(const QString& text = {}, Tone tone = Tone::Normal, Font font = Font::Text, QWidget* parent = nullptr);

  void setTone(Tone tone);
  void setLook(Font font);

  QSize minimumSizeHint() const override;
  int heightForWidth(int width) const override;

 protected:
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void adopt();
  bool isOwnLine() const;
  bool isOwnParagraph() const;

  Tone tone_;
  Font look_;
};

}  // namespace penstock::ui
