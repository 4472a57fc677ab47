#include "widgets/heat_chart.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "widgets/theme.h"

namespace penstock::ui {

namespace {

constexpr int cellWidth = 3;            // pixels of one cell
constexpr int frame = 78;               // head and axis of a plot
constexpr int labelHeight = 13;         // a row that is lower goes without its name where it must

int rowHeightFor(qsizetype rows) { return rows <= 8 ? 18 : rows <= 16 ? 12 : rows <= 32 ? 8 : 6; }

double lastOf(const TimeSeries& series) {
  for (auto value = series.value.rbegin(); value != series.value.rend(); ++value)
    if (!std::isnan(*value)) return *value;
  return std::nan("");
}

}  // namespace

HeatChart::HeatChart(QWidget* parent) : TimePlot(parent) { setRange(0, 900'000'000); }

int HeatChart::heightFor(qsizetype rows) { return frame + static_cast<int>(std::max<qsizetype>(rows, 2)) * rowHeightFor(rows); }

void HeatChart::setValueText(ValueText text) {
  text_ = std::move(text);
  update();
}

void HeatChart::setRows(const QList<TimeSeries>& rows, const QString& named) {
  const bool other = rows.size() != rows_.size();
  rows_ = rows;
  named_ = named;
  if (other) {
    pointed_ = -1;
    setFixedHeight(heightFor(rows.size()));
  }
  fitScale();
}

void HeatChart::setNote(const QString& note) {
  note_ = note;
  update();
}

void HeatChart::fitScale() {
  most_ = 0;
  for (const TimeSeries& row : rows_)
    for (qsizetype i = 0; i < row.at.size(); ++i)
      if (row.at[i] >= from() && row.at[i] <= to() && !std::isnan(row.value[i])) most_ = std::max(most_, row.value[i]);
  setValues(0, static_cast<double>(std::max<qsizetype>(rows_.size(), 1)));
}

int HeatChart::rowInFocus() const {
  if (pointed_ >= 0 && pointed_ < rows_.size()) return pointed_;
  int worst = -1;
  for (int i = 0; i < rows_.size(); ++i) {
    const double value = lastOf(rows_[i]);
    if (!std::isnan(value) && (worst < 0 || value > lastOf(rows_[worst]))) worst = i;
  }
  return worst;
}

void HeatChart::paintData(QPainter& painter) {
  if (rows_.isEmpty()) return;
  const Theme& theme = Theme::of(this);
  const QRectF& box = area().box;
  const double height = box.height() / static_cast<double>(rows_.size());
  const int columns = std::max(1, static_cast<int>(box.width()) / cellWidth);
  const int every = std::max(1, static_cast<int>(std::ceil(labelHeight / height)));
  painter.setFont(smallFont());
  for (int i = 0; i < rows_.size(); ++i) {
    const double top = box.top() + i * height;
    if (i % every == 0) {
      painter.setPen(i == pointed_ ? theme.text : theme.dim);
      painter.drawText(QRectF(box.left() - 68, top + height / 2 - 9, 60, 18), Qt::AlignRight | Qt::AlignVCenter, rows_[i].label);
    }
    const QList<PlotColumn> cells = reducedToColumns(rows_[i], from(), to(), columns);
    // A value stands until the next one, but not across a hole.
    const QList<TimeHole> holes = holesOf(rows_[i], from(), to());
    auto hole = holes.begin();
    double known = std::nan("");
    for (int column = 0; column < columns; ++column) {
      const qint64 time = from() + (to() - from()) * (column + 1) / columns;
      if (cells[column].filled) known = cells[column].high;
      while (hole != holes.end() && hole->to < time) ++hole;
      const bool inHole = hole != holes.end() && time > hole->from && !cells[column].filled;
      if (std::isnan(known) || inHole) continue;
      const double share = most_ > 0 ? known / most_ : 0;
      const double left = box.left() + box.width() * column / columns;
      const double right = box.left() + box.width() * (column + 1) / columns;
      // The root of the share: what is small is told from nothing.
      painter.fillRect(QRectF(left, top, right - left, std::max(1.0, height - 1)), theme.tinted(theme.panel, 0.05 + 0.85 * std::sqrt(share)));
    }
  }
  if (pointed_ < 0) return;
  painter.setPen(QPen(theme.accent, 1));
  painter.drawRect(QRectF(box.left() - 0.5, std::round(box.top() + pointed_ * height) - 0.5, box.width(), std::round(height)));
}

// "partition 3  1,204 at the cursor · most 8,100 · darker is more".
void HeatChart::paintLegend(QPainter& painter) const {
  const Theme& theme = Theme::of(this);
  const int row = rowInFocus();
  QString first;
  if (row >= 0) {
    const double value = cursor() ? valueAt(rows_[row], *cursor()) : lastOf(rows_[row]);
    first = named_ + ' ' + rows_[row].label + "  " + (std::isnan(value) ? QStringLiteral("–") : textOf(value));
  }
  painter.setPen(theme.text);
  painter.drawText(QPointF(12, 38), first);
  QStringList rest{tr("most %1").arg(textOf(most_)), tr("brighter is more")};
  if (!theme.dark) rest[1] = tr("darker is more");
  if (!note_.isEmpty()) rest << note_;
  painter.setPen(theme.dim);
  painter.drawText(QPointF(12 + QFontMetricsF(painter.font()).horizontalAdvance(first) + 16, 38), rest.join(QStringLiteral(" · ")));
}

void HeatChart::mouseMoveEvent(QMouseEvent* event) {
  const QRectF& box = area().box;
  const int row = rows_.isEmpty() ? -1 : static_cast<int>((event->position().y() - box.top()) / box.height() * static_cast<double>(rows_.size()));
  pointed_ = box.contains(event->position()) && row >= 0 && row < rows_.size() ? row : -1;
  TimePlot::mouseMoveEvent(event);
}

void HeatChart::leaveEvent(QEvent* event) {
  pointed_ = -1;
  update();
  TimePlot::leaveEvent(event);
}

}  // namespace penstock::ui
