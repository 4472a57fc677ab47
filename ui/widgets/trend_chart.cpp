#include "widgets/trend_chart.h"

#include <QBarCategoryAxis>
#include <QBarSeries>
#include <QBarSet>
#include <QChart>
#include <QEvent>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

#include "widgets/plot.h"
#include "widgets/theme.h"

namespace penstock::ui {

TrendChart::TrendChart(QWidget* parent)
    : QChartView(parent), bars_(new QBarSet({})), labels_(new QBarCategoryAxis), values_(new QValueAxis) {
  auto* series = new QBarSeries;
  series->append(bars_);
  series->setBarWidth(0.8);
  chart()->addSeries(series);
  chart()->addAxis(labels_, Qt::AlignBottom);
  chart()->addAxis(values_, Qt::AlignLeft);
  series->attachAxis(labels_);
  series->attachAxis(values_);
  chart()->legend()->hide();
  chart()->setAnimationOptions(QChart::NoAnimation);
  chart()->setMargins({8, 4, 8, 4});
  chart()->setBackgroundRoundness(0);
  labels_->setGridLineVisible(false);
  values_->setTickCount(4);
  values_->setLabelFormat("%g");
  setFrameShape(NoFrame);
  adoptTheme();
}

void TrendChart::setBars(const QString& title, const QStringList& labels, const QList<double>& values) {
  chart()->setTitle(title);
  setAccessibleName(title);
  QStringList categories;
  // Categories must differ: an unlabelled one is told apart by blanks.
  for (qsizetype i = 0; i < labels.size(); ++i) categories << (labels[i].isEmpty() ? QString(i + 1, ' ') : labels[i]);
  double high = 0;
  QList<qreal> heights;
  for (const double value : values) {
    heights << (std::isnan(value) ? 0 : value);
    high = std::max(high, heights.last());
  }
  bars_->remove(0, bars_->count());
  bars_->append(heights);
  labels_->setCategories(categories);
  const QList<double> ticks = valueTicks(high);
  values_->setRange(0, ticks.last());
  values_->setTickCount(static_cast<int>(ticks.size()));
}

void TrendChart::changeEvent(QEvent* event) {
  QChartView::changeEvent(event);
  if (event->type() == QEvent::StyleChange) adoptTheme();
}

void TrendChart::adoptTheme() {
  const Theme& theme = Theme::of(this);
  chart()->setBackgroundBrush(theme.panel);
  chart()->setBackgroundPen(Qt::NoPen);
  chart()->setTitleBrush(theme.text);
  chart()->setTitleFont(strongFont());
  bars_->setColor(theme.dim);
  bars_->setBorderColor(theme.dim);
  for (QAbstractAxis* axis : {static_cast<QAbstractAxis*>(labels_), static_cast<QAbstractAxis*>(values_)}) {
    axis->setLabelsBrush(theme.dim);
    axis->setLabelsFont(smallFont());
    axis->setLinePen(QPen(theme.line));
    axis->setGridLinePen(QPen(theme.line));
  }
}

}  // namespace penstock::ui
