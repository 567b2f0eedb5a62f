// SPDX-License-Identifier: GPL-3.0-or-later
// Enformer at its published size with random weights: the whole window, edits, memory, and how far
// an edit's result is from the full pass. Times are also given as a share of what this process
// reaches at large products (of_peak, counted as the model is defined, without any saving) and of
// the whole float32 window (of_window). Run on an idle machine with 4 GB free.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <span>

#include "analysis/predictor.h"
#include "fullmodel.h"
#include "machinerates.h"
#include "models/enformercost.h"

using namespace cellocus;
using namespace cellocus::bench;
using benchmark::Counter;

namespace {

constexpr std::int64_t windowLength = 196'608, middle = windowLength / 2;
constexpr BinRange kept{320, 1216}, startSite{768, 769};

std::shared_ptr<const Enformer> loaded(Precision precision) {
  EnformerConfig config = fullConfig();
  config.precision = precision;
  return Enformer::load(Checkpoint::open(fullModelFile()), config);
}

const std::shared_ptr<const Enformer>& model(Precision precision = Precision::Float32) {
  static std::shared_ptr<const Enformer> models[2];
  auto& chosen = models[precision == Precision::BFloat16];
  if (!chosen) chosen = loaded(precision);
  return chosen;
}

std::string substituted(std::string bases, std::int64_t position, int step = 1) {
  constexpr std::string_view letters = "ACGT";
  char& base = bases[static_cast<std::size_t>(position)];
  base = letters[(letters.find(base) + static_cast<std::size_t>(step)) % 4];
  return bases;
}

Matrix wholeWindow(const Enformer& trunk, std::string_view bases) {
  return trunk.trunk(trunk.tower(bases), kept);
}

/// The window that edits are made in, computed once.
struct Reference {
  std::string bases = randomBases(windowLength);
  Matrix tokens = model()->tower(bases);

  std::shared_ptr<const EditSite> site(std::int64_t position) const {
    return model()->prepare(bases, tokens, {model()->tokensReached(position, windowLength)});
  }
};

const Reference& reference() {
  static const Reference made;
  return made;
}

double secondsOf(const std::function<void()>& work) {
  const auto started = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

double oneWindowSeconds() {
  return secondsOf([] { wholeWindow(*model(), reference().bases); });
}

/// Seconds of a whole float32 window, the median of three.
double windowSeconds() {
  static const double seconds = [] {
    std::vector<double> times{oneWindowSeconds(), oneWindowSeconds(), oneWindowSeconds()};
    std::ranges::sort(times);
    return times[1];
  }();
  return seconds;
}

void reportShare(benchmark::State& state, double windows = 1) {
  const auto perRun = Counter::kIsIterationInvariantRate | Counter::kInvert;
  state.counters["of_window"] = Counter(windowSeconds() * windows, perRun);
}

void peak(benchmark::State& state, Precision precision) {
  for (auto unused : state) benchmark::DoNotOptimize(productRate(precision));
  state.counters["GFLOP/s"] = productRate(precision) / 1e9;
}

/// In a process of its own, before this one holds a model.
void memory(benchmark::State& state) {
  for (auto unused : state) {
    const pid_t child = fork();
    if (child == 0) {
      const auto trunk = loaded(Precision::Float32);
      const Matrix embedding = wholeWindow(*trunk, randomBases(windowLength));
      const std::vector<std::int64_t> tracks{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
      _exit(trunk->tracks(embedding, "human", tracks).allFinite() ? 0 : 1);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    if (status != 0) state.SkipWithError("the window could not be computed");
    state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
  }
}

void opening(benchmark::State& state, Precision precision) {
  for (auto unused : state) benchmark::DoNotOptimize(loaded(precision));
}

void window(benchmark::State& state, Precision precision) {
  const Enformer& trunk = *model(precision);
  const std::string bases = randomBases(windowLength);
  for (auto unused : state) benchmark::DoNotOptimize(wholeWindow(trunk, bases));
  const double flops = definedCost(trunk.config()).trunk();
  state.counters["GFLOP/s"] = Counter(flops / 1e9, Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] =
      Counter(flops / productRate(precision), Counter::kIsIterationInvariantRate);
  reportShare(state);
}

void tower(benchmark::State& state) {
  for (auto unused : state) benchmark::DoNotOptimize(model()->tower(reference().bases));
  reportShare(state);
}

void transformer(benchmark::State& state) {
  for (auto unused : state) benchmark::DoNotOptimize(model()->trunk(reference().tokens, kept));
  reportShare(state);
}

void allTracks(benchmark::State& state) {
  const Matrix embedding = model()->trunk(reference().tokens, kept);
  for (auto unused : state) benchmark::DoNotOptimize(model()->tracks(embedding, "human"));
  reportShare(state);
}

/// What the first edit at a place costs in addition.
void preparingASite(benchmark::State& state) {
  for (auto unused : state) benchmark::DoNotOptimize(reference().site(middle));
  reportShare(state);
}

void substitutionToStartSite(benchmark::State& state) {
  const auto site = reference().site(middle);
  const std::string edited = substituted(reference().bases, middle);
  for (auto unused : state) benchmark::DoNotOptimize(model()->trunk(*site, edited, startSite));
  reportShare(state);
}

void substitutionToTenTracks(benchmark::State& state) {
  const auto site = reference().site(middle);
  const std::string edited = substituted(reference().bases, middle);
  const std::vector<std::int64_t> tracks{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  for (auto unused : state)
    benchmark::DoNotOptimize(model()->tracks(model()->trunk(*site, edited, kept), "human", tracks));
  reportShare(state);
}

/// Every base of 200 around a start site replaced by each other base, or some of these 600. This
/// takes many minutes, over which the machine's speed drifts: so a whole window is computed before
/// every sixty of them, and the share is that of these windows.
void substitutions(benchmark::State& state) {
  const std::string& bases = reference().bases;
  const std::int64_t count = state.range(0);
  std::vector<std::string> edited;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t number = i * 600 / count;
    edited.push_back(
        substituted(bases, middle - 100 + number / 3, static_cast<int>(number % 3) + 1));
  }
  constexpr std::size_t atOnce = 60;
  const Predictor predictor(model());
  predictor.embedding(bases, BinRange{448, 449});
  double sum = 0, windows = 0, own = 0;
  for (auto unused : state)
    for (std::size_t first = 0; first < edited.size(); first += atOnce) {
      state.PauseTiming();
      windows += oneWindowSeconds();
      state.ResumeTiming();
      const auto some = std::span(edited).subspan(first, std::min(atOnce, edited.size() - first));
      own += secondsOf([&] {
        predictor.embeddings(bases, some, {448, 449},
                             [&](std::size_t, const Matrix& embedding) { sum += embedding.sum(); });
      });
    }
  benchmark::DoNotOptimize(sum);
  const double groups = std::ceil(static_cast<double>(count) / static_cast<double>(atOnce));
  state.counters["of_window"] = own / static_cast<double>(count) / (windows / groups);
}

/// The largest difference of an edit's result from the full pass, as a share of the root mean
/// square, for edits in the middle, at the borders of pieces, near the window's ends, and several
/// at once.
void exactness(benchmark::State& state) {
  const std::vector<std::vector<std::int64_t>> cases{
      {middle}, {512 * 128 - 1},    {512 * 128},
      {0},      {windowLength - 1}, {40'000, middle + 1000, 150'000}};
  double largest = 0;
  for (auto unused : state)
    for (const std::vector<std::int64_t>& positions : cases) {
      std::string edited = reference().bases;
      std::vector<BinRange> tokens;
      for (const std::int64_t position : positions) {
        edited = substituted(edited, position);
        tokens.push_back(model()->tokensReached(position, windowLength));
      }
      const auto site = model()->prepare(reference().bases, reference().tokens, tokens);
      const Matrix full = wholeWindow(*model(), edited);
      const double rms = full.norm() / std::sqrt(static_cast<double>(full.size()));
      const double apart = (model()->trunk(*site, edited, kept) - full).cwiseAbs().maxCoeff() / rms;
      largest = std::max(largest, apart);
    }
  state.counters["largest_of_rms"] = largest;
}

void once(benchmark::internal::Benchmark* benchmark) {
  benchmark->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();
}

void medianOfFive(benchmark::internal::Benchmark* benchmark) {
  once(benchmark);
  benchmark->Repetitions(5)->ReportAggregatesOnly();
}

}  // namespace

BENCHMARK(memory)->Apply(once);
BENCHMARK_CAPTURE(peak, float32, Precision::Float32)->Apply(once);
BENCHMARK_CAPTURE(peak, bfloat16, Precision::BFloat16)->Apply(once);
BENCHMARK_CAPTURE(opening, float32, Precision::Float32)->Apply(medianOfFive);
BENCHMARK_CAPTURE(window, float32, Precision::Float32)->Apply(medianOfFive);
BENCHMARK_CAPTURE(window, bfloat16, Precision::BFloat16)->Apply(medianOfFive);
BENCHMARK(tower)->Apply(medianOfFive);
BENCHMARK(transformer)->Apply(medianOfFive);
BENCHMARK(allTracks)->Apply(medianOfFive);
BENCHMARK(preparingASite)->Apply(medianOfFive);
BENCHMARK(substitutionToStartSite)->Apply(medianOfFive);
BENCHMARK(substitutionToTenTracks)->Apply(medianOfFive);
BENCHMARK(substitutions)->ArgName("of_600")->Arg(60)->Arg(600)->Apply(once);
BENCHMARK(exactness)->Apply(once);
BENCHMARK_MAIN();
