#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>

class QApplication;
class QWidget;

namespace penstock::ui {

// The colours of one appearance; what each is for stands in docs (console design, "How it looks").
// A value: copy it, compare it by address never. UI thread only where a QWidget is handed over.
struct Theme {
  bool dark = true;

  QColor background;  // of the window, behind panels
  QColor panel;       // tables, cards, the rail
  QColor raised;      // what stands on a panel: chips, menus, tooltips
  QColor line;        // separators; decoration, never the only sign of anything
  QColor edge;        // outline of what can be pressed or typed into
  QColor text;
  QColor dim;         // second voice, and the colour of everything healthy or idle
  QColor faint;       // third voice; not on `selected`
  QColor accent;      // what can be pressed, what is selected
  QColor onAccent;   // text on `accent` and on `failing`
  QColor selected;    // background of the selected row
  QColor warning;
  QColor failing;
  QColor success;     // outcomes only: never a state

  static const Theme& darkTheme();
  static const Theme& lightTheme();

  // The theme that `widget` is drawn with: that of its style, or by the lightness of its palette where the style is foreign.
  static const Theme& of(const QWidget* widget);

  QPalette palette() const;

  // `base` moved towards `text`: 0 is `base`. For hover (0.06) and press (0.12).
  QColor tinted(const QColor& base, double amount) const;
};

// Sizes of the dense layout, in logical pixels.
namespace metrics {
inline constexpr int rowHeight = 34;
inline constexpr int lineHeight = 20;
inline constexpr int buttonHeight = 28;
inline constexpr int accentBar = 3;
inline constexpr int focusRing = 2;
inline constexpr int radius = 6;
inline constexpr int gap = 8;      // between things that belong together
inline constexpr int margin = 16;  // around a panel's content
}  // namespace metrics

// Inter 13 px where it is installed, else the system's font at that size.
QFont textFont();
QFont strongFont();   // text, semibold
QFont headingFont();  // 15 px, semibold
QFont smallFont();    // 12 px: headers of columns, captions
QFont monoFont();     // keys, SQL and positions: JetBrains Mono 12 px, else the system's fixed font

// Gives the application Penstock's style, palette and fonts, or changes them while it runs.
void applyTheme(QApplication& application, const Theme& theme);

// WCAG 2.2 contrast ratio of two opaque colours, 1 … 21.
double contrastRatio(const QColor& a, const QColor& b);

}  // namespace penstock::ui
