// SPDX-License-Identifier: GPL-3.0-or-later
#include "costtext.h"

#include <QCoreApplication>
#include <cmath>

namespace cellocus {

namespace {

struct Texts {
  Q_DECLARE_TR_FUNCTIONS(CostText)
};

}  // namespace

QString durationText(double seconds) {
  if (seconds < 10) return Texts::tr("%1 s").arg(std::max(seconds, 0.1), 0, 'f', 1);
  if (seconds < 60) return Texts::tr("%1 s").arg(std::lround(seconds));
  if (seconds < 3600) return Texts::tr("%1 min").arg(std::lround(seconds / 60));
  return Texts::tr("%1 h").arg(seconds / 3600, 0, 'f', 1);
}

QString costText(double seconds) {
  constexpr double worthSaying = 1, roundFrom = 3;
  if (seconds < worthSaying) return {};
  return Texts::tr("≈ %1").arg(seconds < roundFrom || seconds >= 10
                                   ? durationText(seconds)
                                   : Texts::tr("%1 s").arg(std::lround(seconds)));
}

QString costSentence(const PredictionCost& cost) {
  const QString time = costText(cost.seconds);
  if (time.isEmpty()) return {};
  switch (cost.extent) {
    case PredictionCost::Extent::WholeWindow:
      return Texts::tr("Whole window: %1.").arg(time);
    case PredictionCost::Extent::MovedBases:
      return Texts::tr("Insertion or deletion: the bases behind it move and are computed anew, %1.")
          .arg(time);
    case PredictionCost::Extent::EditedBases:
      return Texts::tr("Substitution: most of the window stays as it is, %1.").arg(time);
    case PredictionCost::Extent::Nothing:
      break;
  }
  return Texts::tr("The start site of the gene: %1.").arg(time);
}

}  // namespace cellocus
