// What holds other things: item views and their headers, frames, scroll bars, tabs, menus, progress.
#include "widgets/style.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QProgressBar>
#include <QStyleOption>
#include <QTableView>

#include <algorithm>

namespace penstock::ui {

namespace {

bool has(const QStyleOption* option, QStyle::StateFlag flag) { return option->state & flag; }

// A thin bar however much room there is.
QRectF barOf(const QRect& rect) { return QRectF(rect.left(), rect.center().y() - 2, rect.width(), 6); }

void paintLine(QPainter& painter, const QRect& rect, const QColor& color) {
  painter.setPen(color);
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(rect.adjusted(0, 0, -1, -1));
}

}  // namespace

bool Style::drawViewPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const {
  // A table shows where the focus is by its row; the ring there is TableView's.
  if (element == PE_FrameFocusRect && qobject_cast<const QTableView*>(widget)) return true;
  painter->save();
  bool drawn = true;
  switch (element) {
    case PE_Frame:
    case PE_FrameGroupBox:
    case PE_FrameTabWidget: paintLine(*painter, option->rect, theme_.line); break;
    case PE_FrameMenu:
    case PE_FrameWindow: paintLine(*painter, option->rect, theme_.edge); break;
    case PE_PanelMenu: painter->fillRect(option->rect, theme_.raised); break;
    case PE_PanelTipLabel:
      painter->fillRect(option->rect, theme_.raised);
      paintLine(*painter, option->rect, theme_.edge);
      break;
    case PE_PanelItemViewRow:
    case PE_PanelItemViewItem: {
      const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(option);
      if (!item) break;
      if (item->backgroundBrush.style() != Qt::NoBrush) painter->fillRect(item->rect, item->backgroundBrush);
      const bool selected = has(option, State_Selected);
      if (selected) painter->fillRect(item->rect, theme_.selected);
      else if (has(option, State_MouseOver)) painter->fillRect(item->rect, theme_.tinted(theme_.panel, 0.04));
      const bool first = item->viewItemPosition != QStyleOptionViewItem::Middle &&
                         item->viewItemPosition != QStyleOptionViewItem::End;
      if (selected && first && element == PE_PanelItemViewItem)
        painter->fillRect(QRect(item->rect.topLeft(), QSize(metrics::accentBar, item->rect.height())), theme_.accent);
      break;
    }
    case PE_IndicatorHeaderArrow: {
      const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option);
      if (!header || header->sortIndicator == QStyleOptionHeader::None) break;
      const bool up = header->sortIndicator == QStyleOptionHeader::SortUp;
      const QPointF c = QRectF(option->rect).center();
      painter->setRenderHint(QPainter::Antialiasing);
      painter->setPen(Qt::NoPen);
      painter->setBrush(theme_.dim);
      const double tip = up ? -2.5 : 2.5;
      painter->drawPolygon(QPolygonF({{c.x() - 3.5, c.y() - tip}, {c.x() + 3.5, c.y() - tip}, {c.x(), c.y() + tip}}));
      break;
    }
    case PE_FrameTabBarBase:
    case PE_PanelStatusBar:
    case PE_FrameStatusBarItem: break;
    default: drawn = false;
  }
  painter->restore();
  return drawn;
}

bool Style::drawViewControl(ControlElement element, const QStyleOption* option, QPainter* painter) const {
  painter->save();
  bool drawn = true;
  switch (element) {
    case CE_HeaderSection:
    case CE_HeaderEmptyArea: {
      painter->fillRect(option->rect, theme_.panel);
      painter->setPen(theme_.line);
      painter->drawLine(option->rect.bottomLeft(), option->rect.bottomRight());
      if (has(option, State_MouseOver) && element == CE_HeaderSection && has(option, State_Enabled))
        painter->fillRect(option->rect.adjusted(0, 0, 0, -1), theme_.tinted(theme_.panel, 0.04));
      break;
    }
    case CE_HeaderLabel: {
      const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option);
      if (!header) break;
      painter->setFont(smallFont());
      painter->setPen(theme_.dim);
      const QString text = QFontMetrics(painter->font()).elidedText(header->text, Qt::ElideRight, option->rect.width());
      painter->drawText(option->rect, static_cast<int>((header->textAlignment & Qt::AlignHorizontal_Mask) | Qt::AlignVCenter), text);
      break;
    }
    case CE_Splitter: {
      const QRect r = option->rect;
      const bool columns = has(option, State_Horizontal);
      const QRect line = columns ? QRect(r.center().x(), r.top(), 1, r.height()) : QRect(r.left(), r.center().y(), r.width(), 1);
      painter->fillRect(line, has(option, State_MouseOver) ? theme_.accent : theme_.line);
      break;
    }
    case CE_TabBarTabShape: {
      const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(option);
      if (!tab) break;
      QRect under = tab->rect;
      under.setTop(under.bottom() - 1);
      if (has(option, State_Selected)) painter->fillRect(under, theme_.accent);
      else if (has(option, State_MouseOver)) painter->fillRect(under, theme_.edge);
      break;
    }
    case CE_TabBarTabLabel: {
      const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(option);
      if (!tab) break;
      painter->setFont(has(option, State_Selected) ? strongFont() : textFont());
      painter->setPen(has(option, State_Selected) ? theme_.text : theme_.dim);
      painter->drawText(tab->rect, Qt::AlignCenter | Qt::TextShowMnemonic, tab->text);
      if (has(option, State_HasFocus)) paintFocusRing(*painter, QRectF(tab->rect).adjusted(2, 2, -2, -3), theme_.accent, 4);
      break;
    }
    case CE_ProgressBarGroove:
      painter->setRenderHint(QPainter::Antialiasing);
      painter->setPen(Qt::NoPen);
      painter->setBrush(theme_.line);
      painter->drawRoundedRect(barOf(option->rect), 3, 3);
      break;
    case CE_ProgressBarContents: {
      const auto* bar = qstyleoption_cast<const QStyleOptionProgressBar*>(option);
      if (!bar) break;
      QRectF filled = barOf(bar->rect);
      const qint64 range = static_cast<qint64>(bar->maximum) - bar->minimum;
      // The end is not known: a third, in the middle, standing still.
      if (range <= 0) filled = filled.adjusted(filled.width() / 3, 0, -filled.width() / 3, 0);
      else filled.setWidth(filled.width() * std::clamp((bar->progress - bar->minimum) / static_cast<double>(range), 0.0, 1.0));
      if (filled.width() < 1) break;
      painter->setRenderHint(QPainter::Antialiasing);
      painter->setPen(Qt::NoPen);
      painter->setBrush(theme_.accent);
      painter->drawRoundedRect(filled, 3, 3);
      break;
    }
    case CE_ProgressBarLabel: break;  // counts stand beside a bar, never on it
    case CE_ToolBar: break;
    default: drawn = false;
  }
  painter->restore();
  return drawn;
}

void Style::drawScrollBar(const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const {
  const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
  if (!bar || bar->maximum <= bar->minimum) return;
  const bool hot = has(option, State_MouseOver) || has(option, State_Sunken);
  QRectF slider = subControlRect(CC_ScrollBar, bar, SC_ScrollBarSlider, widget);
  const double inset = hot ? 2 : 3;
  slider = bar->orientation == Qt::Horizontal ? slider.adjusted(2, inset, -2, -inset) : slider.adjusted(inset, 2, -inset, -2);
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(Qt::NoPen);
  painter->setBrush(theme_.edge);
  const double radius = std::min(slider.width(), slider.height()) / 2;
  painter->drawRoundedRect(slider, radius, radius);
  painter->restore();
}

}  // namespace penstock::ui
