// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/predictioncost.h"

#include <algorithm>

namespace cellocus {

namespace {

/// Of bfloat16 over float32 with the published model's size, until this machine has shown its own.
constexpr double expectedGain = 1.9;

bool isWhole(const EnformerPass& pass, const EnformerConfig& config) {
  return 2 * pass.towerTokens > config.tokenCount();
}

/// Tokens 0..count of the window that a changed stretch of the reference reaches.
BinRange reachedTokens(const Enformer& model, const Locus& window, BinRange stretch) {
  const std::int64_t bin = model.config().binSize(), reach = model.towerReachInTokens();
  const std::int64_t first = (stretch.first - window.start) / bin - reach;
  const std::int64_t last = (stretch.last - window.start + bin - 1) / bin + reach;
  const std::int64_t count = model.config().tokenCount();
  return {std::clamp<std::int64_t>(first, 0, count), std::clamp<std::int64_t>(last, 0, count)};
}

}  // namespace

void PredictionSpeed::learn(const EnformerPass& pass, const EnformerConfig& config, double seconds,
                            Precision precision) {
  if (seconds <= 0) return;
  double& kind = precision == Precision::BFloat16 ? m_rough
                 : isWhole(pass, config)          ? m_whole
                                                  : m_part;
  kind = costOf(pass, config).total() / seconds;
}

double PredictionSpeed::seconds(const EnformerPass& pass, const EnformerConfig& config,
                                Precision precision) const {
  if (precision == Precision::BFloat16)
    return m_rough > 0 ? costOf(pass, config).total() / m_rough
                       : seconds(pass, config) / expectedGain;
  const bool whole = isWhole(pass, config);
  for (const double rate : {whole ? m_whole : m_part, whole ? m_part : m_whole, m_products})
    if (rate > 0) return costOf(pass, config).total() / rate;
  return 0;
}

std::int64_t changedTokens(const Enformer& model, const Predictor::Request& request) {
  const Locus& window = request.window;
  std::vector<bool> changed(static_cast<std::size_t>(model.config().tokenCount()));
  for (const Variant& edit : request.haplotype.within(window)) {
    BinRange stretch{edit.start, edit.end()};
    if (edit.lengthChange() != 0)
      (edit.start >= request.anchor ? stretch.last : stretch.first) =
          edit.start >= request.anchor ? window.end : window.start;
    const BinRange tokens = reachedTokens(model, window, stretch);
    std::fill(changed.begin() + tokens.first, changed.begin() + tokens.last, true);
  }
  return std::ranges::count(changed, true);
}

}  // namespace cellocus
