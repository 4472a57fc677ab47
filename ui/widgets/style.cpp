#include "widgets/style.h"

#include <QPainter>
#include <QStyleOption>

#include <algorithm>

#include "widgets/button.h"

namespace penstock::ui {

Style::Style(const Theme& theme) : QProxyStyle(QStringLiteral("Fusion")), theme_(theme) {}

QPalette Style::standardPalette() const { return theme_.palette(); }

void Style::polish(QWidget* widget) {
  QProxyStyle::polish(widget);
  // Fusion turns hover on for few widgets; flat ones need it to show that they can be pressed.
  if (widget->inherits("QAbstractButton") || widget->inherits("QComboBox") || widget->inherits("QScrollBar"))
    widget->setAttribute(Qt::WA_Hover);
}

int Style::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
  switch (metric) {
    case PM_DefaultFrameWidth: return 1;
    case PM_ScrollBarExtent: return 12;
    case PM_ScrollBarSliderMin: return 28;
    case PM_ScrollView_ScrollBarSpacing: return 0;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight: return 16;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing: return 8;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical: return 0;
    case PM_HeaderMargin: return 8;
    case PM_HeaderMarkSize: return 8;
    case PM_SplitterWidth: return 5;
    case PM_TabBarTabHSpace: return 24;
    case PM_TabBarTabVSpace: return 12;
    case PM_TabBarBaseOverlap: return 0;
    case PM_ToolTipLabelFrameWidth: return 6;
    case PM_MenuPanelWidth: return 1;
    case PM_MenuHMargin:
    case PM_MenuVMargin: return 4;
    case PM_SmallIconSize:
    case PM_ButtonIconSize: return 16;
    case PM_TextCursorWidth: return 1;
    default: return QProxyStyle::pixelMetric(metric, option, widget);
  }
}

int Style::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                     QStyleHintReturn* returned) const {
  switch (hint) {
    case SH_EtchDisabledText: return 0;
    case SH_ToolTipLabel_Opacity: return 255;
    case SH_ComboBox_Popup: return 0;
    case SH_ItemView_ShowDecorationSelected: return 1;
    case SH_ItemView_ActivateItemOnSingleClick: return 0;
    case SH_Widget_Animation_Duration: return 0;
    case SH_ScrollView_FrameOnlyAroundContents: return 0;
    case SH_Table_GridLineColor: return static_cast<int>(theme_.line.rgb());
    default: return QProxyStyle::styleHint(hint, option, widget, returned);
  }
}

QSize Style::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                              const QWidget* widget) const {
  QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
  switch (type) {
    case CT_PushButton: {
      const auto* button = qobject_cast<const Button*>(widget);
      const bool bare = button && (button->kind() == Button::Kind::Link || button->kind() == Button::Kind::Quiet);
      return {size.width() + (bare ? 12 : 24), bare ? metrics::lineHeight + 4 : std::max(metrics::buttonHeight, size.height() + 8)};
    }
    case CT_LineEdit:
    case CT_SpinBox:
    case CT_ComboBox: return {result.width() + 8, metrics::buttonHeight};
    case CT_ToolButton: return result.expandedTo({metrics::buttonHeight, metrics::buttonHeight});
    case CT_HeaderSection: return {result.width() + 8, metrics::rowHeight};
    case CT_MenuItem: return {result.width(), std::max(result.height(), result.height() < 12 ? 0 : 26)};
    default: return result;
  }
}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                          const QWidget* widget) const {
  if (drawViewPrimitive(element, option, painter, widget)) return;
  if (drawControlPrimitive(element, option, painter)) return;
  QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void Style::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                        const QWidget* widget) const {
  if (drawButton(element, option, painter, widget)) return;
  if (drawViewControl(element, option, painter)) return;
  QProxyStyle::drawControl(element, option, painter, widget);
}

void Style::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                               const QWidget* widget) const {
  switch (control) {
    case CC_ComboBox: return drawComboBox(option, painter, widget);
    case CC_SpinBox: return drawSpinBox(option, painter, widget);
    case CC_ScrollBar: return drawScrollBar(option, painter, widget);
    default: return QProxyStyle::drawComplexControl(control, option, painter, widget);
  }
}

QRect Style::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const {
  const auto* frame = element == SE_LineEditContents ? qstyleoption_cast<const QStyleOptionFrame*>(option) : nullptr;
  if (frame && frame->lineWidth > 0) return option->rect.adjusted(6, 1, -6, -1);
  return QProxyStyle::subElementRect(element, option, widget);
}

QRect Style::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                            const QWidget* widget) const {
  // Text begins where that of a line edit does.
  const bool typesInCombo = control == CC_ComboBox && part == SC_ComboBoxEditField;
  if (typesInCombo || (control == CC_SpinBox && part == SC_SpinBoxEditField)) {
    const QRect field = QProxyStyle::subControlRect(control, option, part, widget);
    return option->direction == Qt::LeftToRight ? field.adjusted(4, 0, 0, 0) : field.adjusted(0, 0, -4, 0);
  }
  const auto* bar = control == CC_ScrollBar ? qstyleoption_cast<const QStyleOptionSlider*>(option) : nullptr;
  if (!bar) return QProxyStyle::subControlRect(control, option, part, widget);

  // No arrow buttons: the whole length is the groove.
  const QRect all = bar->rect;
  const bool horizontal = bar->orientation == Qt::Horizontal;
  const int length = horizontal ? all.width() : all.height();
  const qint64 range = static_cast<qint64>(bar->maximum) - bar->minimum;
  int slider = length;
  if (range > 0) {
    slider = static_cast<int>(static_cast<qint64>(bar->pageStep) * length / (range + bar->pageStep));
    slider = std::min(length, std::max(slider, proxy()->pixelMetric(PM_ScrollBarSliderMin, bar, widget)));
  }
  const int start = sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - slider,
                                            bar->upsideDown);
  const auto along = [&](int from, int extent) {
    return horizontal ? QRect(all.x() + from, all.y(), extent, all.height())
                      : QRect(all.x(), all.y() + from, all.width(), extent);
  };
  switch (part) {
    case SC_ScrollBarGroove: return visualRect(bar->direction, all, all);
    case SC_ScrollBarSlider: return visualRect(bar->direction, all, along(start, slider));
    case SC_ScrollBarSubPage: return visualRect(bar->direction, all, along(0, start));
    case SC_ScrollBarAddPage: return visualRect(bar->direction, all, along(start + slider, length - start - slider));
    default: return {};
  }
}

}  // namespace penstock::ui
