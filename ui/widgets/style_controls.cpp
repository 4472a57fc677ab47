// What can be pressed or typed into.
#include "widgets/style.h"

#include <QAbstractSpinBox>
#include <QPainter>
#include <QStyleOption>

#include "widgets/button.h"

namespace penstock::ui {

namespace {

// Half a pixel inside, so that a 1 px pen covers whole pixels.
QRectF outline(const QRect& rect) { return QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5); }

bool has(const QStyleOption* option, QStyle::StateFlag flag) { return option->state & flag; }

struct ButtonColors {
  QColor fill;
  QColor border;
  QColor text;
  QColor focus;
};

ButtonColors colorsOf(const Theme& theme, Button::Kind kind, const QStyleOption* option) {
  const bool enabled = has(option, QStyle::State_Enabled);
  const double tint = !enabled ? 0 : has(option, QStyle::State_Sunken) ? 0.14 : has(option, QStyle::State_MouseOver) ? 0.07 : 0;
  if (kind == Button::Kind::Link) return {Qt::transparent, Qt::transparent, enabled ? theme.accent : theme.faint, theme.accent};
  if (kind == Button::Kind::Quiet)
    return {Qt::transparent, Qt::transparent, !enabled ? theme.faint : tint > 0 ? theme.text : theme.dim, theme.accent};
  if (!enabled) return {theme.raised, theme.line, theme.faint, theme.accent};
  if (kind == Button::Kind::Secondary) {
    const QColor base = has(option, QStyle::State_On) ? theme.selected : theme.raised;
    return {theme.tinted(base, tint), has(option, QStyle::State_On) ? theme.accent : theme.edge, theme.text, theme.accent};
  }
  // Filled: the ring stands inside the fill, in the colour that is legible on it.
  const QColor base = kind == Button::Kind::Primary ? theme.accent : theme.failing;
  const QColor fill = theme.tinted(base, tint);
  return {fill, fill, theme.onAccent, theme.onAccent};
}

Button::Kind kindOf(const QWidget* widget) {
  const auto* button = qobject_cast<const Button*>(widget);
  return button ? button->kind() : Button::Kind::Secondary;
}

void paintChevron(QPainter& painter, const QRectF& box, bool up, const QColor& color) {
  const double half = 3.5;
  const double rise = up ? -2 : 2;
  const QPointF centre = box.center();
  painter.setPen(QPen(color, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.setBrush(Qt::NoBrush);
  painter.drawPolyline(QPolygonF({{centre.x() - half, centre.y() - rise}, {centre.x(), centre.y() + rise},
                                  {centre.x() + half, centre.y() - rise}}));
}

void paintCheckBox(QPainter& painter, const QStyleOption* option, const Theme& theme) {
  const QRectF box = QRectF(0, 0, 14, 14).translated(QPointF(option->rect.center()) - QPointF(6, 6));
  const QRectF inner = box.adjusted(0.5, 0.5, -0.5, -0.5);
  const bool on = has(option, QStyle::State_On);
  const bool partly = has(option, QStyle::State_NoChange);
  const bool enabled = has(option, QStyle::State_Enabled);
  const QColor fill = on || partly ? (enabled ? theme.accent : theme.edge) : theme.panel;
  painter.setPen(on || partly ? fill : has(option, QStyle::State_MouseOver) ? theme.accent : theme.edge);
  painter.setBrush(fill);
  painter.drawRoundedRect(inner, 3, 3);
  painter.setPen(QPen(theme.onAccent, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  const QPointF c = box.center();
  if (partly) painter.drawLine(c + QPointF(-3, 0), c + QPointF(3, 0));
  else if (on) painter.drawPolyline(QPolygonF({c + QPointF(-3.2, 0.2), c + QPointF(-0.9, 2.6), c + QPointF(3.4, -2.4)}));
}

void paintRadio(QPainter& painter, const QStyleOption* option, const Theme& theme) {
  const QPointF centre = QRectF(option->rect).center();
  const bool on = has(option, QStyle::State_On);
  painter.setBrush(on ? theme.accent : theme.panel);
  painter.setPen(on || has(option, QStyle::State_MouseOver) ? theme.accent : theme.edge);
  painter.drawEllipse(centre, 6.5, 6.5);
  if (!on) return;
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme.onAccent);
  painter.drawEllipse(centre, 2.5, 2.5);
}

}  // namespace

void paintFocusRing(QPainter& painter, const QRectF& box, const QColor& color, double radius) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color, metrics::focusRing));
  painter.setBrush(Qt::NoBrush);
  const double half = metrics::focusRing / 2.0;
  painter.drawRoundedRect(box.adjusted(half, half, -half, -half), radius - half, radius - half);
  painter.restore();
}

bool Style::drawButton(ControlElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const {
  const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
  if (!button || (element != CE_PushButtonBevel && element != CE_PushButtonLabel)) return false;
  const ButtonColors colors = colorsOf(theme_, kindOf(widget), option);
  if (element == CE_PushButtonLabel) {
    QStyleOptionButton label(*button);
    label.palette.setColor(QPalette::ButtonText, colors.text);
    QProxyStyle::drawControl(element, &label, painter, widget);
    return true;
  }
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(colors.border.alpha() == 0 ? QPen(Qt::NoPen) : QPen(colors.border));
  painter->setBrush(colors.fill);
  painter->drawRoundedRect(outline(option->rect), metrics::radius, metrics::radius);
  painter->restore();
  if (has(option, State_HasFocus)) {
    const bool filled = colors.focus == theme_.onAccent;
    const QRectF box = filled ? QRectF(option->rect).adjusted(2, 2, -2, -2) : QRectF(option->rect);
    paintFocusRing(*painter, box, colors.focus, filled ? metrics::radius - 1.0 : metrics::radius);
  }
  return true;
}

bool Style::drawControlPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter) const {
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  bool drawn = true;
  switch (element) {
    case PE_PanelLineEdit: {
      const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
      if (frame && frame->lineWidth > 0) drawField(painter, option);
      break;
    }
    case PE_FrameLineEdit: drawField(painter, option); break;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck: paintCheckBox(*painter, option, theme_); break;
    case PE_IndicatorRadioButton: paintRadio(*painter, option, theme_); break;
    case PE_FrameFocusRect: paintFocusRing(*painter, option->rect, theme_.accent, 4); break;
    case PE_PanelButtonTool: {
      const bool on = has(option, State_On);
      const bool hot = has(option, State_MouseOver) && has(option, State_Enabled);
      if (!on && !hot && !has(option, State_Sunken) && has(option, State_AutoRaise)) break;
      painter->setPen(has(option, State_AutoRaise) ? QPen(Qt::NoPen) : QPen(on ? theme_.accent : theme_.edge));
      painter->setBrush(theme_.tinted(on ? theme_.selected : theme_.raised, has(option, State_Sunken) ? 0.14 : hot ? 0.07 : 0));
      painter->drawRoundedRect(outline(option->rect), metrics::radius, metrics::radius);
      break;
    }
    default: drawn = false;
  }
  painter->restore();
  return drawn;
}

void Style::drawField(QPainter* painter, const QStyleOption* option) const {
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(has(option, State_Enabled) ? theme_.edge : theme_.line);
  painter->setBrush(has(option, State_Enabled) ? theme_.panel : theme_.background);
  painter->drawRoundedRect(outline(option->rect), metrics::radius, metrics::radius);
  painter->restore();
  if (has(option, State_HasFocus)) paintFocusRing(*painter, option->rect, theme_.accent);
}

void Style::drawComboBox(const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const {
  const auto* combo = qstyleoption_cast<const QStyleOptionComboBox*>(option);
  if (!combo) return;
  if (combo->frame) drawField(painter, option);
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  paintChevron(*painter, subControlRect(CC_ComboBox, combo, SC_ComboBoxArrow, widget), false,
               has(option, State_Enabled) ? theme_.dim : theme_.faint);
  painter->restore();
}

void Style::drawSpinBox(const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const {
  const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
  if (!spin) return;
  if (spin->frame) drawField(painter, option);
  if (spin->buttonSymbols == QAbstractSpinBox::NoButtons) return;
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const auto arrow = [&](SubControl part, QAbstractSpinBox::StepEnabledFlag flag, bool up) {
    paintChevron(*painter, subControlRect(CC_SpinBox, spin, part, widget), up,
                 spin->stepEnabled & flag ? theme_.dim : theme_.line);
  };
  arrow(SC_SpinBoxUp, QAbstractSpinBox::StepUpEnabled, true);
  arrow(SC_SpinBoxDown, QAbstractSpinBox::StepDownEnabled, false);
  painter->restore();
}

}  // namespace penstock::ui
