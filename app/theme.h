// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace cellocus {

/// "light", "dark" or "auto" (what the desktop had when the program started).
void setApplicationTheme(const QString& name);

}  // namespace cellocus
