// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>
#include <optional>

#include "analysis/fitdata.h"
#include "analysis/headtraining.h"

namespace cellocus {

/// What a user decides before a fit. A value; part of the session file.
struct FitChoices {
  TrainingOptions options;
  QString layer;                                 ///< of the dataset; empty: "X"
  std::optional<ExpressionTransform> transform;  ///< nothing: counts go to a log scale
  SplitChoice split;
};

QJsonObject fitJson(const FitChoices& choices);
/// What is missing or makes no sense keeps its default.
FitChoices fitFrom(const QJsonObject& json);

/// What is wrong with choices that no fit could work with, as a sentence; empty if nothing is.
QString problemOf(const FitChoices& choices);

}  // namespace cellocus
