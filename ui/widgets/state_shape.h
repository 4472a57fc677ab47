#pragma once

#include <QColor>
#include <QRectF>
#include <QString>

class QPainter;

namespace penstock::ui {

struct Theme;

// A state is told by shape first, so that a page reads in greyscale. The numbers are what item models supply
// under their state role.
enum class StateShape {
  Unknown = 0,  // question mark: no report for 5 s, or none yet
  Ok = 1,       // disc
  Warning = 2,  // triangle
  Failing = 3,  // diamond
  Idle = 4,     // ring: paused, stopped, never reached
  Running = 5,  // play: a job, a replay
};

// The colour that goes with a shape: grey for all that is healthy.
QColor shapeColor(const Theme& theme, StateShape shape);

// Paints the shape centred in `box`, as large as fits into 10 px (the size in tables); larger with `extent`.
void paintShape(QPainter& painter, const QRectF& box, StateShape shape, const QColor& color, double extent = 10);

// "Healthy", "Warning", …: for screen readers and tooltips where the page knows nothing better.
QString shapeName(StateShape shape);

}  // namespace penstock::ui
