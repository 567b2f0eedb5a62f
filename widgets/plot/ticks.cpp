// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/ticks.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace cellocus {

namespace {

QString decimalLabel(double value, int decimals) {
  QString text = QString::number(std::abs(value), 'f', decimals);
  qsizetype point = text.indexOf(QLatin1Char('.'));
  for (qsizetype at = (point < 0 ? text.size() : point) - 3; at > 0; at -= 3)
    text.insert(at, QLatin1Char(','));
  const bool isZero = text.count(QLatin1Char('0')) + text.count(QLatin1Char('.')) == text.size();
  return value < 0 && !isZero ? QChar(0x2212) + text : text;  // a true minus sign
}

QString positionLabel(std::int64_t position, double step) {
  const auto thousands = [](std::int64_t number) {
    return QString::fromStdString(withThousands(number));
  };
  if (step >= 1e6) return thousands(position / 1'000'000) + QStringLiteral(" Mb");
  if (step >= 1e3) return thousands(position / 1'000) + QStringLiteral(" kb");
  return thousands(position);
}

}  // namespace

double niceStep(double span, int wanted) {
  if (!std::isfinite(span) || span <= 0) return 1;
  const double rough = span / std::max(wanted, 1);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double lead = rough / power;
  return power * (lead < 1.5 ? 1 : lead < 2.6 ? 2 : lead < 6.5 ? 5 : 10);
}

std::vector<Tick> niceTicks(double low, double high, int wanted) {
  std::vector<Tick> ticks;
  if (!std::isfinite(low) || !std::isfinite(high) || high <= low) return ticks;
  const double step = niceStep(high - low, wanted);
  const int decimals = std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 12);
  const double slack = step * 1e-6;
  for (double index = std::ceil((low - slack) / step); index * step <= high + slack; ++index)
    ticks.push_back({index * step, decimalLabel(index * step, decimals)});
  return ticks;
}

double niceCeiling(double value) {
  if (!std::isfinite(value) || value <= 0) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double lead : {1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0})
    if (value <= lead * power * (1 + 1e-9)) return lead * power;
  return 10 * power;
}

std::vector<Tick> genomicTicks(double start, double end, int wanted) {
  std::vector<Tick> ticks;
  if (!std::isfinite(start) || !std::isfinite(end) || end <= start) return ticks;
  const double step = std::max(1.0, niceStep(end - start, wanted));
  // Position p (1-based) is the base [p - 1, p) of the axis.
  for (double index = std::max(0.0, std::ceil((start + 0.5) / step)); index * step - 0.5 <= end;
       ++index) {
    const auto position = static_cast<std::int64_t>(std::llround(index * step));
    if (position > 0)
      ticks.push_back({static_cast<double>(position) - 0.5, positionLabel(position, step)});
  }
  return ticks;
}

}  // namespace cellocus
