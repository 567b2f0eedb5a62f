// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme.h"

#include <QApplication>
#include <QPalette>
#include <QStyle>
#include <QToolTip>

#include "plot/palette.h"

namespace cellocus {

namespace {

QPalette paletteOf(const Theme& theme) {
  QPalette palette;
  palette.setColor(QPalette::Window, theme.panel);
  palette.setColor(QPalette::Base, theme.background);
  palette.setColor(QPalette::AlternateBase, mixed(theme.background, theme.panel, 0.7));
  palette.setColor(QPalette::Button, theme.panel);
  for (const auto role :
       {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText})
    palette.setColor(role, theme.text);
  palette.setColor(QPalette::ToolTipBase, theme.panel);
  palette.setColor(QPalette::PlaceholderText, theme.mutedText);
  palette.setColor(QPalette::Highlight, theme.accent);
  palette.setColor(QPalette::HighlightedText, readableOn(theme.accent));
  palette.setColor(QPalette::Link, theme.accent);
  palette.setColor(QPalette::Light, mixed(theme.panel, Qt::white, theme.isDark ? 0.1 : 0.6));
  palette.setColor(QPalette::Mid, theme.border);
  palette.setColor(QPalette::Dark, mixed(theme.border, Qt::black, 0.3));
  const QColor disabled = mixed(theme.text, theme.panel, 0.55);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, disabled);
  return palette;
}

}  // namespace

void setApplicationTheme(const QString& name) {
  static const QPalette desktop = QApplication::palette();
  const bool dark = name == "dark" || (name == "auto" && Theme::from(desktop).isDark);
  const QPalette palette = paletteOf(dark ? Theme::dark() : Theme::light());
  QApplication::setPalette(palette);
  QToolTip::setPalette(palette);
}

}  // namespace cellocus
