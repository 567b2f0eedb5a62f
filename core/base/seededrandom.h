// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace cellocus {

/// Random numbers that are the same for a seed on every system; what the standard library's
/// distributions give is left to each library. The generator is SplitMix64
/// (doi:10.1145/2660193.2660195).
class SeededRandom {
 public:
  explicit SeededRandom(std::uint64_t seed) : m_state(seed) {}

  std::uint64_t next() {
    std::uint64_t z = m_state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  /// 0 or more, below 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform(double from, double to) { return from + (to - from) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }
  /// 0 .. count - 1. The bias of the remainder is below 1e-12 for the counts used here.
  std::int64_t below(std::int64_t count) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(count));
  }
  /// `first` .. `last`, both included.
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + below(last - first + 1);
  }
  /// Mean 0, deviation 1 (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }
  /// A count with this mean. Large means are drawn in pieces, because exp(-mean) would become 0.
  std::int64_t poisson(double mean) {
    constexpr double piece = 16;
    std::int64_t count = 0;
    for (; mean > piece; mean -= piece) count += smallPoisson(piece);
    return count + smallPoisson(mean);
  }

 private:
  std::int64_t smallPoisson(double mean) {
    const double limit = std::exp(-mean);
    std::int64_t count = 0;
    for (double product = uniform(); product > limit; product *= uniform()) ++count;
    return count;
  }

  std::uint64_t m_state;
};

}  // namespace cellocus
