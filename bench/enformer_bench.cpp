// SPDX-License-Identifier: GPL-3.0-or-later
// One window of a small Enformer (dim 192, 196,608 bases), stage by stage, as a share of the rate
// at which this process multiplies large matrices: float32 products on all threads. Run on an idle
// machine.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include "base/parallel.h"
#include "enformertensors.h"
#include "models/enformer.h"
#include "nn/blocks.h"
#include "nn/product.h"

using namespace cellocus;

namespace {

/// Floating-point operations of the definition, without any of the exact savings.
struct Cost {
  double tower = 0, trunk = 0, head = 0;
};

Cost costOf(const EnformerConfig& config) {
  const auto channels = config.towerChannels();
  const auto real = [](std::int64_t number) { return static_cast<double>(number); };
  Cost cost;
  double positions = real(config.windowLength), in = 4, kernel = 15;
  for (const std::int64_t out : channels) {
    cost.tower += positions * (in * kernel + 2 * real(out)) * real(out);
    positions /= 2;
    in = real(out);
    kernel = 5;
  }
  const double n = real(config.tokenCount()), dim = real(config.dim),
               keys = real(config.heads * config.keyDim);
  const double projections =
      n * dim * (2 * keys + 2 * dim) + 2 * n * keys * dim / real(config.heads);
  const double attention = n * n * (keys + 2 * keys + dim), feedForward = 4 * n * dim * dim;
  const double bins = real(config.binCount());
  cost.trunk = real(config.depth) * (projections + attention + feedForward) + bins * 2 * dim * dim;
  for (const EnformerConfig::Head& head : config.outputHeads)
    cost.head += bins * 2 * dim * real(head.tracks);
  return {2 * cost.tower, 2 * cost.trunk, 2 * cost.head};
}

double productFlops(std::int64_t rows, std::int64_t size) {
  return 2.0 * static_cast<double>(rows) * static_cast<double>(size) * static_cast<double>(size);
}

constexpr std::int64_t productRows = 8192, productSize = 768;

void multiplyLarge(const Matrix& a, const Matrix& b, Matrix& c) {
  nn::forRowBlocks(productRows, 256, {}, [&](BinRange rows, nn::Scratch&) {
    nn::multiply(a.middleRows(rows.first, rows.count()), b, c.middleRows(rows.first, rows.count()));
  });
}

/// The best rate of large products seen in this process, in operations a second.
double peakRate() {
  static const double rate = [] {
    const Matrix a = Matrix::Ones(productRows, productSize),
                 b = Matrix::Ones(productSize, productSize);
    Matrix c(productRows, productSize);
    double best = 0;
    for (int i = 0; i < 30; ++i) {
      const auto started = std::chrono::steady_clock::now();
      multiplyLarge(a, b, c);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
      best = std::max(best, productFlops(productRows, productSize) / took.count());
    }
    return best;
  }();
  return rate;
}

void reportRate(benchmark::State& state, double flops) {
  using benchmark::Counter;
  state.counters["GFLOP/s"] = Counter(flops / 1e9, Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] = Counter(flops / peakRate(), Counter::kIsIterationInvariantRate);
}

EnformerConfig denseConfig() {
  EnformerConfig config;
  config.dim = 192;
  config.depth = 2;
  config.heads = 1;
  config.keyDim = 32;
  config.dimDivisibleBy = 16;
  config.outputHeads = {{"human", 16}};
  return config;
}

/// As large as the demo's, with the same zeros: no pointwise branch, diagonal pooling, one tap of
/// five.
EnformerConfig sparseConfig() {
  EnformerConfig config = denseConfig();
  config.heads = 4;
  config.keyDim = 16;
  config.dimDivisibleBy = 96;
  return config;
}

std::vector<float> sparseValues(const std::string& name, const Shape& shape) {
  std::vector<float> values = testing::portableValues(name, shape);
  const auto size = static_cast<std::size_t>(shape[0]);
  const bool branch = name.find(".1.fn.2.") != std::string::npos && !name.starts_with("final");
  const bool taps = shape.size() == 3 && shape[2] == 5;
  const bool pool = shape.size() == 4 && shape[3] == 1 && shape[0] == shape[1];
  for (std::size_t i = 0; i < values.size(); ++i)
    if (branch || (taps && i % 5 != 2) || (pool && i / size != i % size)) values[i] = 0;
  return values;
}

std::shared_ptr<const Enformer> modelOf(const EnformerConfig& config, const char* name,
                                        const auto& fill) {
  const auto file =
      std::filesystem::temp_directory_path() / (std::string("cellocus_bench_") + name);
  writeSafetensors(file, testing::enformerTensors(config, fill));
  const auto model = Enformer::load(Checkpoint::open(file), config);
  std::filesystem::remove(file);
  return model;
}

const Enformer& denseModel() {
  static const auto model = modelOf(denseConfig(), "dense.safetensors", testing::portableValues);
  return *model;
}

const Enformer& sparseModel() {
  static const auto model = modelOf(sparseConfig(), "sparse.safetensors", sparseValues);
  return *model;
}

std::string randomBases(std::int64_t count) {
  std::mt19937 random(1);
  std::string bases(static_cast<std::size_t>(count), 'A');
  for (char& base : bases) base = "ACGT"[random() % 4];
  return bases;
}

void peak(benchmark::State& state) {
  const Matrix a = Matrix::Ones(productRows, productSize),
               b = Matrix::Ones(productSize, productSize);
  Matrix c(productRows, productSize);
  for (auto unused : state) multiplyLarge(a, b, c);
  reportRate(state, productFlops(productRows, productSize));
}

void tower(benchmark::State& state, const Enformer& (*model)()) {
  const std::string bases = randomBases(model().config().windowLength);
  for (auto unused : state) benchmark::DoNotOptimize(model().tower(bases));
  reportRate(state, costOf(model().config()).tower);
}

void trunk(benchmark::State& state, const Enformer& (*model)()) {
  const EnformerConfig& config = model().config();
  const Matrix tokens = model().tower(randomBases(config.windowLength));
  for (auto unused : state)
    benchmark::DoNotOptimize(model().trunk(tokens, config.croppedBins(config.tokenCount())));
  reportRate(state, costOf(config).trunk);
}

void window(benchmark::State& state, const Enformer& (*model)()) {
  const EnformerConfig& config = model().config();
  const std::string bases = randomBases(config.windowLength);
  const BinRange kept = config.croppedBins(config.tokenCount());
  for (auto unused : state)
    benchmark::DoNotOptimize(model().tracks(model().trunk(model().tower(bases), kept), "human"));
  const Cost cost = costOf(config);
  reportRate(state, cost.tower + cost.trunk + cost.head);
}

/// What an edit costs where the rest of the tower is cached: sixteen tokens.
void editedTower(benchmark::State& state, const Enformer& (*model)()) {
  const std::string bases = randomBases(model().config().windowLength);
  for (auto unused : state) benchmark::DoNotOptimize(model().tower(bases, {700, 716}));
}

}  // namespace

BENCHMARK(peak)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(tower, dense, denseModel)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(trunk, dense, denseModel)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(window, dense, denseModel)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(tower, sparse, sparseModel)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(trunk, sparse, sparseModel)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(window, sparse, sparseModel)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(editedTower, dense, denseModel)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
