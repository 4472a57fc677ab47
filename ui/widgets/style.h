#pragma once

#include <QProxyStyle>

#include "widgets/theme.h"

namespace penstock::ui {

// Fusion, flattened: one-pixel edges, no gradients, no shadows, colours from the theme alone. applyTheme() installs it.
// What is drawn by itself stands in style_controls.cpp (what is pressed or typed into) and style_views.cpp (what
// holds other things); everything else is Fusion with the theme's palette.
class Style final : public QProxyStyle {
  Q_OBJECT

 public:
  explicit Style(const Theme& theme);

  const Theme& theme() const { return theme_; }

  QPalette standardPalette() const override;
  int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
  int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                QStyleHintReturn* returned) const override;
  QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                         const QWidget* widget) const override;
  QRect subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const override;
  QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                       const QWidget* widget) const override;
  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
  void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                   const QWidget* widget) const override;
  void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                          const QWidget* widget) const override;
  void polish(QWidget* widget) override;
  using QProxyStyle::polish;

 private:
  // Each answers whether it drew the element.
  bool drawControlPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter) const;
  bool drawViewPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                         const QWidget* widget) const;
  bool drawButton(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const;
  bool drawViewControl(ControlElement element, const QStyleOption* option, QPainter* painter) const;
  void drawField(QPainter* painter, const QStyleOption* option) const;
  void drawComboBox(const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const;
  void drawSpinBox(const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const;
  void drawScrollBar(const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const;

  const Theme theme_;
};

// The 2 px ring around what has the keyboard focus, inside `box`.
void paintFocusRing(QPainter& painter, const QRectF& box, const QColor& color, double radius = metrics::radius);

}  // namespace penstock::ui
