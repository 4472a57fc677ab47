#include "shell/nav_rail.h"

#include <QAbstractButton>
#include <QEvent>
#include <QPainter>
#include <QVBoxLayout>

#include "shell/page_icon.h"
#include "shell/page_list.h"
#include "widgets/style.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr int railWidth = 64;
constexpr int itemHeight = 56;

QFont captionFont() {
  QFont font = smallFont();
  font.setPixelSize(11);
  return font;
}

}  // namespace

class NavRail::Item : public QAbstractButton {
 public:
  Item(const PageEntry& page, QWidget* parent) : QAbstractButton(parent), id_(page.id) {
    setText(page.title);
    setAccessibleName(page.title);
    setCheckable(true);
    setAutoExclusive(true);
    setCursor(Qt::PointingHandCursor);
    setToolTip(NavRail::tr("%1 · G then %2").arg(page.title, QKeySequence(page.letter).toString()));
  }

  void setBadge(int count) {
    badge_ = count;
    setAccessibleDescription(count > 0 ? NavRail::tr("%1 need you").arg(count) : QString());
    update();
  }

  QSize sizeHint() const override { return {railWidth, itemHeight}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& theme = Theme::of(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (isChecked()) painter.fillRect(QRect(0, 10, metrics::accentBar, height() - 20), theme.accent);
    else if (underMouse()) painter.fillRect(rect(), theme.tinted(theme.panel, 0.06));
    const QColor color = isChecked() ? theme.text : theme.dim;
    const QRect icon((width() - 20) / 2, 8, 20, 20);
    painter.drawPixmap(icon.topLeft(), pageIcon(id_, color, devicePixelRatioF()));
    painter.setPen(color);
    painter.setFont(captionFont());
    painter.drawText(QRect(0, 32, width(), 16), Qt::AlignCenter, text());
    if (badge_ > 0) paintBadge(painter, theme);
    if (hasFocus()) paintFocusRing(painter, QRectF(rect()).adjusted(2, 2, -2, -2), theme.accent);
  }

  bool event(QEvent* event) override {
    if (event->type() == QEvent::Enter || event->type() == QEvent::Leave) update();
    return QAbstractButton::event(event);
  }

 private:
  void paintBadge(QPainter& painter, const Theme& theme) const {
    const QString text = badge_ > 99 ? QStringLiteral("99+") : QString::number(badge_);
    QFont font = captionFont();
    font.setPixelSize(10);
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    const double wide = std::max(16.0, QFontMetricsF(font).horizontalAdvance(text) + 8);
    const QRectF box(width() / 2.0 + 5, 3, wide, 16);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.failing);
    painter.drawRoundedRect(box, 8, 8);
    painter.setPen(theme.onAccent);
    painter.drawText(box, Qt::AlignCenter, text);
  }

  const QString id_;
  int badge_ = 0;
};

NavRail::NavRail(const std::vector<PageEntry>& pages, QWidget* parent) : QWidget(parent) {
  setFixedWidth(railWidth + 1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 8, 1, 8);
  layout->setSpacing(0);
  for (const PageEntry& page : pages) {
    if (page.id == "settings") layout->addStretch();
    auto* item = new Item(page, this);
    item->setObjectName(QStringLiteral("rail/") + page.id);
    connect(item, &QAbstractButton::clicked, this, [this, id = page.id] { emit chosen(id); });
    items_.insert(page.id, item);
    layout->addWidget(item);
  }
}

void NavRail::setCurrent(const QString& page) {
  if (Item* item = items_.value(page)) item->setChecked(true);
}

void NavRail::setBadge(const QString& page, int count) {
  if (Item* item = items_.value(page)) item->setBadge(count);
}

void NavRail::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(rect(), theme.panel);
  painter.fillRect(QRect(width() - 1, 0, 1, height()), theme.line);
}

}  // namespace penstock::ui
