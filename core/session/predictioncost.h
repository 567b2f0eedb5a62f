// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/predictor.h"
#include "models/enformercost.h"

namespace cellocus {

/// What a prediction would take, and why.
struct PredictionCost {
  /// By what has to be computed, least first.
  enum class Extent {
    Nothing,      ///< all that is asked for is known
    EditedBases,  ///< substitutions: a few pieces of the tower, and the transformer
    MovedBases,   ///< an insertion or deletion moved the bases on one side of it: all of these
    WholeWindow
  };
  Extent extent = Extent::Nothing;
  double seconds = 0;  ///< 0 while this machine's speed is not known

  bool isKnown() const { return seconds > 0 || extent == Extent::Nothing; }
  void add(Extent part, double partSeconds) {
    extent = std::max(extent, part);
    seconds += partSeconds;
  }
};

/// How fast this machine runs the open sequence model. Passes over a whole window and passes that
/// leave out most of the tower are different kinds, because a convolution and a transformer do not
/// reach the same share of the machine's speed; the newest run of a kind counts, and before there
/// is one that of the other kind, or else the speed of plain products. Passes in bfloat16, which
/// are always of whole windows, are a kind of their own.
class PredictionSpeed {
 public:
  /// Operations a second, see measuredProductRate().
  void setProductRate(double rate) { m_products = rate; }
  /// Takes a finished pass into account.
  void learn(const EnformerPass& pass, const EnformerConfig& config, double seconds,
             Precision precision = Precision::Float32);
  /// 0 if nothing is known.
  double seconds(const EnformerPass& pass, const EnformerConfig& config,
                 Precision precision = Precision::Float32) const;

 private:
  /// Operations a second; 0 = not measured.
  double m_products = 0, m_whole = 0, m_part = 0, m_rough = 0;
};

/// Tokens whose tower rows an edited window does not share with the reference: those that an edit
/// reaches, and all on the far side of an insertion or deletion, seen from the request's anchor.
std::int64_t changedTokens(const Enformer& model, const Predictor::Request& request);

}  // namespace cellocus
