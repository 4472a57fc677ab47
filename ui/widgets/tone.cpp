#include "widgets/tone.h"

#include "widgets/theme.h"

namespace penstock::ui {

QColor toneColor(const Theme& theme, Tone tone, bool onSelected) {
  switch (tone) {
    case Tone::Dim: return theme.dim;
    case Tone::Faint: return onSelected ? theme.dim : theme.faint;
    case Tone::Warning: return theme.warning;
    case Tone::Failing: return theme.failing;
    case Tone::Success: return theme.success;
    case Tone::Link: return theme.accent;
    case Tone::Normal: break;
  }
  return theme.text;
}

}  // namespace penstock::ui
