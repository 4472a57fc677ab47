#include "widgets/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QWidget>

#include <algorithm>
#include <cmath>

#include "widgets/style.h"

namespace penstock::ui {

namespace {

QColor mixed(const QColor& from, const QColor& to, double amount) {
  const auto channel = [amount](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * amount)); };
  return QColor(channel(from.red(), to.red()), channel(from.green(), to.green()), channel(from.blue(), to.blue()));
}

QString firstInstalled(const QStringList& wanted) {
  const QStringList installed = QFontDatabase::families();
  for (const QString& family : wanted)
    if (installed.contains(family)) return family;
  return {};
}

QFont uiFont(int pixels, QFont::Weight weight) {
  static const QString family = firstInstalled({"Inter", "Inter Variable", "Segoe UI", "Noto Sans"});
  QFont font = family.isEmpty() ? QFontDatabase::systemFont(QFontDatabase::GeneralFont) : QFont(family);
  font.setPixelSize(pixels);
  font.setWeight(weight);
  return font;
}

double luminance(const QColor& color) {
  const auto linear = [](double channel) {
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

}  // namespace

const Theme& Theme::darkTheme() {
  static const Theme theme{
      .dark = true,
      .background = "#15181d", .panel = "#1b1f26", .raised = "#222731", .line = "#2d333e", .edge = "#767f8f",
      .text = "#e4e8ee", .dim = "#98a2b3", .faint = "#8590a1",
      .accent = "#66a5ff", .onAccent = "#0b1526", .selected = "#26364f",
      .warning = "#e2a336", .failing = "#ff7a80", .success = "#4fb477"};
  return theme;
}

const Theme& Theme::lightTheme() {
  static const Theme theme{
      .dark = false,
      .background = "#f5f6f8", .panel = "#ffffff", .raised = "#ffffff", .line = "#dfe3e9", .edge = "#7f8998",
      .text = "#1d2430", .dim = "#56606f", .faint = "#626c7a",
      .accent = "#1f66d1", .onAccent = "#ffffff", .selected = "#e3edfb",
      .warning = "#8f5a00", .failing = "#c02b38", .success = "#177a41"};
  return theme;
}

const Theme& Theme::of(const QWidget* widget) {
  const QStyle* style = widget ? widget->style() : QApplication::style();
  if (const auto* own = qobject_cast<const Style*>(style)) return own->theme();
  const QPalette palette = widget ? widget->palette() : QApplication::palette();
  return palette.color(QPalette::Window).lightness() < 128 ? darkTheme() : lightTheme();
}

QPalette Theme::palette() const {
  QPalette palette;
  palette.setColor(QPalette::Window, background);
  palette.setColor(QPalette::WindowText, text);
  palette.setColor(QPalette::Base, panel);
  palette.setColor(QPalette::AlternateBase, raised);
  palette.setColor(QPalette::Text, text);
  palette.setColor(QPalette::PlaceholderText, faint);
  palette.setColor(QPalette::Button, raised);
  palette.setColor(QPalette::ButtonText, text);
  palette.setColor(QPalette::BrightText, failing);
  palette.setColor(QPalette::ToolTipBase, raised);
  palette.setColor(QPalette::ToolTipText, text);
  palette.setColor(QPalette::Highlight, selected);
  palette.setColor(QPalette::HighlightedText, text);
  palette.setColor(QPalette::Link, accent);
  palette.setColor(QPalette::LinkVisited, accent);
  palette.setColor(QPalette::Light, tinted(raised, 0.06));
  palette.setColor(QPalette::Midlight, raised);
  palette.setColor(QPalette::Mid, line);
  palette.setColor(QPalette::Dark, line);
  palette.setColor(QPalette::Shadow, line);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
    palette.setColor(QPalette::Disabled, role, faint);
  return palette;
}

QColor Theme::tinted(const QColor& base, double amount) const { return mixed(base, text, amount); }

QFont textFont() { return uiFont(13, QFont::Normal); }
QFont strongFont() { return uiFont(13, QFont::DemiBold); }
QFont headingFont() { return uiFont(15, QFont::DemiBold); }
QFont smallFont() { return uiFont(12, QFont::Medium); }

QFont monoFont() {
  static const QString family = firstInstalled({"JetBrains Mono", "Cascadia Mono", "Consolas", "DejaVu Sans Mono"});
  QFont font = family.isEmpty() ? QFontDatabase::systemFont(QFontDatabase::FixedFont) : QFont(family);
  font.setStyleHint(QFont::Monospace);
  font.setPixelSize(12);
  return font;
}

void applyTheme(QApplication& application, const Theme& theme) {
  application.setFont(textFont());
  application.setStyle(new Style(theme));  // the application owns it
  application.setPalette(theme.palette());
  // Selected text in a field needs more than the calm background of a selected row.
  QPalette fields = theme.palette();
  fields.setColor(QPalette::Highlight, theme.accent);
  fields.setColor(QPalette::HighlightedText, theme.onAccent);
  for (const char* type : {"QLineEdit", "QTextEdit", "QPlainTextEdit", "QAbstractSpinBox"})
    application.setPalette(fields, type);
  // Windows that exist already keep the palette they resolved; an unset one makes them ask again, with their children.
  for (QWidget* window : QApplication::topLevelWidgets()) window->setPalette(QPalette());
}

double contrastRatio(const QColor& a, const QColor& b) {
  const double first = luminance(a);
  const double second = luminance(b);
  return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

}  // namespace penstock::ui
