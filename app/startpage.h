// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "actions.h"

class QListWidget;

namespace cellocus {

/// What is shown while nothing is open: the demo, files, sessions, the recent ones, and a place to
/// drop files.
class StartPage : public QWidget {
  Q_OBJECT

 public:
  StartPage(Actions& actions, QWidget* parent = nullptr);
  void setRecent(const QStringList& sessions);

 signals:
  void recentActivated(const QString& path);

 private:
  QWidget* makeButtons(Actions& actions);
  QWidget* makeSteps();
  QListWidget* m_recent = nullptr;
  QWidget* m_recentBox = nullptr;
};

}  // namespace cellocus
