#pragma once

#include <QColor>

namespace penstock::ui {

struct Theme;

// The voice of a piece of text. The numbers are what item models supply under their tone role.
enum class Tone {
  Normal = 0,
  Dim = 1,
  Faint = 2,
  Warning = 3,
  Failing = 4,
  Success = 5,  // outcomes only
  Link = 6,
};

// `onSelected`: on the background of a selected row, where faint becomes dim.
QColor toneColor(const Theme& theme, Tone tone, bool onSelected = false);

}  // namespace penstock::ui
