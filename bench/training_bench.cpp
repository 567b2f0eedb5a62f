// SPDX-License-Identifier: GPL-3.0-or-later
// Training of a head for 10,000 cells from embeddings of 3,072 numbers through a bottleneck of
// 2,000: seconds of an epoch of 15,000 genes, and which share it reaches of what this process
// reaches at large products (of_peak, counted as the layers are defined). With batches of 10 genes,
// as published, each weight is used for ten products and then changed: AdamW's three numbers a
// weight come from memory and go back in every step, so its rate of memory is given, too. Run on an
// idle machine with 4 GB free.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

#include "analysis/headtraining.h"
#include "machinerates.h"

using namespace cellocus;
using namespace cellocus::bench;

namespace {

constexpr std::int64_t cells = 10'000, inputs = 3'072, hidden = 2'000, genesOfAnEpoch = 15'000;

Matrix randomMatrix(std::int64_t rows, std::int64_t columns) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(0, 2);
  return Matrix::NullaryExpr(rows, columns, [&] { return uniform(random); });
}

/// `genes` to train on and some for validation; expression repeats after 256 genes.
TrainingData dataOf(std::int64_t genes) {
  constexpr std::int64_t validGenes = 40;  // about as many as in a whole epoch, in proportion
  TrainingData data;
  data.embeddings = randomMatrix(genes + validGenes, inputs);
  for (std::int64_t gene = 0; gene < genes + validGenes; ++gene) {
    data.geneIds.push_back(std::to_string(gene));
    data.sets.push_back(gene < genes ? SplitSet::Train : SplitSet::Valid);
  }
  for (std::int64_t cell = 0; cell < cells; ++cell) data.cellNames.push_back(std::to_string(cell));
  const auto pool = std::make_shared<const Matrix>(randomMatrix(256, cells));
  data.expression = [pool](std::span<const std::int64_t> rows, const Progress&) {
    Matrix chosen(std::ssize(rows), cells);
    for (Eigen::Index row = 0; row < chosen.rows(); ++row)
      chosen.row(row) = pool->row(rows[static_cast<std::size_t>(row)] % pool->rows());
    return chosen;
  };
  return data;
}

/// Products of one gene: forward through both layers, back to both weights and to the hidden
/// values.
constexpr double flopsOfAGene() {
  return 2.0 * static_cast<double>(2 * inputs * hidden + 3 * hidden * cells);
}

/// Weights are read forward, read backward and written, and the two means read and written.
constexpr double bytesOfAStep() {
  return 7.0 * sizeof(float) * static_cast<double>(inputs * hidden + hidden * cells);
}

void epoch(benchmark::State& state) {
  const std::int64_t batch = state.range(0), genes = state.range(1);
  const TrainingData data = dataOf(genes);
  TrainingOptions options;
  options.batchGenes = batch;
  options.epochs = 2;  // the second one, when memory and threads are warm
  double seconds = 0;
  for (auto unused : state) {
    seconds = trainHead(data, options).history.back().seconds;
    state.SetIterationTime(seconds);
  }
  const auto steps = static_cast<double>((genes + batch - 1) / batch);
  state.counters["epoch_s"] =
      seconds * static_cast<double>(genesOfAnEpoch) / static_cast<double>(genes);
  state.counters["step_ms"] = 1000 * seconds / steps;
  state.counters["of_peak"] =
      flopsOfAGene() * static_cast<double>(genes) / seconds / productRate(nn::Precision::Float32);
  state.counters["GB/s"] = bytesOfAStep() * steps / seconds / 1e9;
  state.counters["peak_GFLOP/s"] = productRate(nn::Precision::Float32) / 1e9;
}

}  // namespace

BENCHMARK(epoch)
    ->ArgNames({"batch", "genes"})
    ->Args({10, 600})
    ->Args({64, 1280})
    ->Args({256, 2560})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kSecond);
BENCHMARK_MAIN();
