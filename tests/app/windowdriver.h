// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <QPoint>
#include <QTest>
#include <functional>
#include <optional>

#include "cells/scatterview.h"
#include "genome/genomeview.h"
#include "locusbox.h"
#include "mainwindow.h"
#include "render.h"

namespace cellocus::testing {

/// Uses a window as a person would: keys and mouse only; what it reads it reads from the session.
class WindowDriver {
 public:
  explicit WindowDriver(MainWindow& window) : m_window(window) {
    m_window.resize(1366, 768);
    m_window.show();
    m_window.activateWindow();
    // Shortcuts go to the active window only.
    if (!QTest::qWaitForWindowActive(&m_window)) qWarning("the window did not become active");
  }

  /// Waits until nothing is loading or computing.
  bool settle(int seconds = 120) { return waitUntilIdle(m_window.session(), seconds); }

  /// Ctrl+L, the text, Enter.
  void typeLocus(const QString& text) {
    press(Qt::Key_L, Qt::ControlModifier);
    QLineEdit* edit = m_window.locusBox().edit();
    QTest::keyClicks(edit, text);
    QTest::keyClick(edit, Qt::Key_Return);
  }

  /// A shortcut of the window.
  void press(Qt::Key key, Qt::KeyboardModifiers modifiers) {
    QTest::keyClick(&m_window, key, modifiers);
  }

  /// A point of the genome view at which a click would mean what `wanted` accepts.
  std::optional<QPoint> find(const std::function<bool(const GenomeHit&)>& wanted) {
    GenomeView& view = m_window.genomeView();
    for (int y = 1; y < view.height(); y += 2)
      for (int x = 1; x < view.width(); x += 2)
        if (wanted(view.hitAt(QPoint(x, y)))) return QPoint(x, y);
    return std::nullopt;
  }

  void click(const QPoint& at) {
    QTest::mouseClick(&m_window.genomeView(), Qt::LeftButton, Qt::NoModifier, at);
  }

  void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QTest::keyClick(&m_window.genomeView(), key, modifiers);
  }

  /// An action by its object name, as a menu would trigger it.
  QAction* action(const char* name) {
    return m_window.findChild<QAction*>(QString::fromLatin1(name));
  }

  /// Mean predicted ALT - REF over the cells of a category of the group column.
  double meanDifference(const QString& category) const {
    const auto& prediction = m_window.session().cellPrediction();
    const auto& groups = m_window.session().groupColumn();
    if (!prediction || !prediction->hasEdit() || !groups) return std::nan("");
    const Vector difference = prediction->difference();
    double sum = 0;
    int count = 0;
    for (Eigen::Index cell = 0; cell < difference.size(); ++cell) {
      const std::int32_t code = groups->codes[static_cast<std::size_t>(cell)];
      if (code < 0 ||
          QString::fromStdString(groups->categories[static_cast<std::size_t>(code)]) != category)
        continue;
      sum += difference[cell];
      ++count;
    }
    return count == 0 ? std::nan("") : sum / count;
  }

 private:
  MainWindow& m_window;
};

}  // namespace cellocus::testing
