// SPDX-License-Identifier: GPL-3.0-or-later
// A head of the size that seq2cells trains (2000 hidden units) for 200,000 cells, 1.6 GB of
// weights, as a share of the rate at which this process reads memory on all threads. Run on an idle
// machine with 4 GB free; the file is written into the build folder once and used again.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <random>

#include "base/parallel.h"
#include "models/emb2cell.h"

using namespace cellocus;

namespace {

constexpr std::int64_t inputs = 3072, hidden = 2000, cells = 200'000;
constexpr double rowBytes = hidden * sizeof(float);
constexpr Emb2Cell::Reading twoGigabytes{.onOpening = 64u << 20, .kept = 2u << 30};

/// Uniform numbers around zero, the same in every run.
std::vector<float> randomValues(std::int64_t count, float scale, std::uint32_t seed) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = (static_cast<float>(seed >> 8) / (1u << 24) - 0.5f) * scale;
  }
  return values;
}

void writeHead(const std::filesystem::path& file) {
  nlohmann::json about{{"relu", true}, {"softplus", true}};
  for (std::int64_t cell = 0; cell < cells; ++cell)
    about["cell_names"].push_back("ACGTACGTACGTACGT-" + std::to_string(cell));
  std::vector<NamedTensor> tensors;
  tensors.push_back(
      {"model_head.0.weight", {hidden, inputs}, randomValues(hidden * inputs, 0.1f, 1)});
  tensors.push_back({"model_head.0.bias", {hidden}, randomValues(hidden, 0.1f, 2)});
  tensors.push_back(
      {"model_head.2.weight", {cells, hidden}, randomValues(cells * hidden, 0.1f, 3)});
  tensors.push_back({"model_head.2.bias", {cells}, randomValues(cells, 0.1f, 4)});
  writeSafetensors(file, tensors, {{"cellocus", about.dump()}});
}

std::shared_ptr<const Emb2Cell> openHead() {
  const auto file = std::filesystem::path(CELLOCUS_BENCH_FOLDER) / "emb2cell_200000.safetensors";
  if (!std::filesystem::exists(file) ||
      static_cast<double>(std::filesystem::file_size(file)) < cells * rowBytes)
    writeHead(file);
  return Emb2Cell::open(file, twoGigabytes);
}

Matrix embeddings(std::int64_t genes) {
  const std::vector<float> values = randomValues(genes * inputs, 1, 5);
  return Eigen::Map<const Matrix>(values.data(), genes, inputs);
}

/// A head whose weight is in memory.
const Emb2Cell& warmHead() {
  static const auto head = [] {
    auto opened = openHead();
    opened->predict(embeddings(1));
    return opened;
  }();
  return *head;
}

/// Cells all over the file, as a cluster's are.
std::vector<std::int64_t> thousandCells() {
  std::mt19937 random(1);
  std::vector<std::int64_t> chosen(1000);
  for (std::int64_t& cell : chosen) cell = static_cast<std::int64_t>(random() % cells);
  return chosen;
}

/// The best rate at which all threads together went through memory in this process, in bytes a
/// second. The C library looks for a byte that is not there with the machine's widest instructions.
double memoryRate() {
  static const double rate = [] {
    const std::vector<char> memory(1u << 30, 'A');
    double best = 0;
    for (int i = 0; i < 20; ++i) {
      const auto started = std::chrono::steady_clock::now();
      parallelFor(std::ssize(memory), 1 << 20, [&](std::int64_t first, std::int64_t last) {
        benchmark::DoNotOptimize(
            std::memchr(memory.data() + first, 'B', static_cast<std::size_t>(last - first)));
      });
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
      best = std::max(best, static_cast<double>(memory.size()) / took.count());
    }
    return best;
  }();
  return rate;
}

/// Only the last layer's weight counts: each of its rows has to come from memory once.
void reportRows(benchmark::State& state, std::int64_t rows) {
  using benchmark::Counter;
  const double bytes = static_cast<double>(rows) * rowBytes;
  state.counters["GB/s"] = Counter(bytes / 1e9, Counter::kIsIterationInvariantRate);
  state.counters["of_memory"] = Counter(bytes / memoryRate(), Counter::kIsIterationInvariantRate);
  state.counters["memory_GB/s"] = memoryRate() / 1e9;
}

void opening(benchmark::State& state) {
  openHead();
  for (auto unused : state) benchmark::DoNotOptimize(openHead());
}

/// What comes from the file is in the system's cache after the first run.
void firstPass(benchmark::State& state) {
  const Matrix embedding = embeddings(2);
  for (auto unused : state) {
    state.PauseTiming();
    const auto head = openHead();
    state.ResumeTiming();
    benchmark::DoNotOptimize(head->predict(embedding));
  }
  reportRows(state, cells);
}

void allCells(benchmark::State& state) {
  const Matrix embedding = embeddings(state.range(0));
  const Emb2Cell& head = warmHead();
  for (auto unused : state) benchmark::DoNotOptimize(head.predict(embedding));
  reportRows(state, cells);
}

void someCells(benchmark::State& state, bool warm) {
  const Matrix embedding = embeddings(2);
  const auto fresh = openHead();
  const Emb2Cell& head = warm ? warmHead() : *fresh;
  const std::vector<std::int64_t> chosen = thousandCells();
  for (auto unused : state) benchmark::DoNotOptimize(head.predict(embedding, chosen));
  reportRows(state, std::ssize(chosen));
}

}  // namespace

BENCHMARK(opening)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(firstPass)->Iterations(3)->UseRealTime()->Unit(benchmark::kMillisecond);
/// Two genes are the reference and an edit.
BENCHMARK(allCells)->ArgName("genes")->Arg(1)->Arg(2)->Arg(16)->Arg(256)->UseRealTime()->Unit(
    benchmark::kMillisecond);
BENCHMARK_CAPTURE(someCells, in_memory, true)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(someCells, from_file, false)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
