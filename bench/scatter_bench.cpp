// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "cells/cellcolouring.h"
#include "cells/lasso.h"
#include "cells/pointgrid.h"
#include "cells/splat.h"

using namespace cellocus;

namespace {

Matrix cloud(std::int64_t cells) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  Matrix xy(cells, 2);
  for (Eigen::Index i = 0; i < cells; ++i) xy.row(i) << normal(random), normal(random);
  return xy;
}

ScatterTransform wholeCloud(const QSize& size) {
  ScatterTransform transform;
  transform.pixelCentre = {size.width() / 2.0, size.height() / 2.0};
  transform.perUnit = size.height() / 9.0;
  return transform;
}

std::vector<QPointF> ring(int corners, double radius) {
  std::vector<QPointF> outline;
  for (int i = 0; i < corners; ++i) {
    const double angle = i * 2 * M_PI / corners;
    const double wavy = radius * (1 + 0.2 * std::sin(7 * angle));
    outline.emplace_back(wavy * std::cos(angle), wavy * std::sin(angle));
  }
  return outline;
}

/// One frame while panning: cells, then pixels a dot is wide.
void frame(benchmark::State& state) {
  const Matrix xy = cloud(state.range(0));
  std::vector<Dot> dots;
  for (Eigen::Index i = 0; i < xy.rows(); ++i)
    dots.push_back({xy(i, 0), xy(i, 1), 0xFF000000u | static_cast<QRgb>(i)});
  const QSize size(1200, 900);
  const ScatterTransform transform = wholeCloud(size);
  for (auto _ : state)
    benchmark::DoNotOptimize(splat(dots, transform, size, static_cast<double>(state.range(1))));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(frame)
    ->ArgNames({"cells", "pixels"})
    ->Args({100'000, 2})
    ->Args({1'000'000, 1})
    ->Args({1'000'000, 2})
    ->Args({1'000'000, 4})
    ->Args({4'000'000, 1})
    ->Unit(benchmark::kMillisecond);

/// Lasso released: cells, then corners of the outline.
void lasso(benchmark::State& state) {
  const Matrix xy = cloud(state.range(0));
  const std::vector<QPointF> outline = ring(static_cast<int>(state.range(1)), 1);
  for (auto _ : state) benchmark::DoNotOptimize(Lasso(outline).select(xy));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(lasso)
    ->ArgNames({"cells", "corners"})
    ->Args({1'000'000, 100})
    ->Args({1'000'000, 1'000})
    ->Args({4'000'000, 500})
    ->Unit(benchmark::kMillisecond);

/// The cell under the mouse.
void hover(benchmark::State& state) {
  const Matrix xy = cloud(state.range(0));
  const PointGrid grid(xy);
  const auto any = [](std::int64_t) { return true; };
  for (auto _ : state) benchmark::DoNotOptimize(grid.nearest(0.1, 0.1, 0.08, any));
}
BENCHMARK(hover)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

/// Another gene is chosen: limits, order of drawing and colours.
void recolour(benchmark::State& state) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  Vector values(state.range(0));
  for (float& value : values) value = std::max(0.0f, normal(random));
  for (auto _ : state) {
    const CellColouring colouring = CellColouring::sequential({}, values, {});
    benchmark::DoNotOptimize(drawOrder(colouring, values.size()));
    benchmark::DoNotOptimize(colourIndices(colouring, values.size(), Theme::light()));
  }
}
BENCHMARK(recolour)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
