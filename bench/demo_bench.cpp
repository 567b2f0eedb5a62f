// SPDX-License-Identifier: GPL-3.0-or-later
// The loop that a user feels, in the demo world: a base is edited, and every cell has another
// colour. Session and painting of the tracks are not in it.
#include <benchmark/benchmark.h>

#include "analysis/cellprediction.h"
#include "cells/celldataset.h"
#include "demo/demoworld.h"
#include "genome/annotation.h"

using namespace cellocus;

namespace {

/// The demo world in the build folder, opened once.
struct World {
  std::filesystem::path folder = std::filesystem::path(CELLOCUS_BENCH_FOLDER) / "demo";
  DemoFiles files = demoFiles(folder);
  std::shared_ptr<const Genome> genome;
  std::shared_ptr<const Annotation> annotation;
  std::shared_ptr<const Emb2Cell> head;
  std::shared_ptr<const Enformer> trunk;
  CellMatch match;
  const Gene* gene = nullptr;

  World() {
    if (!std::filesystem::exists(files.readme)) makeDemo(folder);
    genome = Genome::open(files.genome);
    annotation = Annotation::open(files.annotation);
    head = Emb2Cell::open(files.head);
    trunk = Enformer::open(files.trunk);
    match = matchCells(*head, CellDataset::open(files.cells)->cellNames());
    gene = annotation->find("GATA4").front();
  }
};

const World& world() {
  static const World made;
  return made;
}

Predictor::Request requestAtGene(const World& demo) {
  Predictor::Request request;
  request.anchor = demo.gene->tss();
  request.window = windowAround(demo.trunk->config(), demo.gene->locus.contig, request.anchor);
  return request;
}

/// An edit of all bins' sixteen tracks and of the gene in all cells, never seen before.
void editToCells(benchmark::State& state) {
  const World& demo = world();
  const Predictor predictor(demo.trunk);
  Predictor::Request request = requestAtGene(demo);
  const Prediction reference = predictor.predict(*demo.genome, request);
  std::int64_t position = request.anchor - 100;
  for (auto unused : state) {
    const std::string ref = demo.genome->sequence({request.window.contig, position, position + 1});
    request.haplotype = Haplotype().with(
        {request.window.contig, position, ref, ref == "A" ? "C" : "A"}, *demo.genome);
    ++position;
    const Prediction edited = predictor.predict(*demo.genome, request);
    benchmark::DoNotOptimize(predictCells(predictor, *demo.head, demo.match, *demo.genome,
                                          {demo.gene, request.haplotype, &reference, &edited}));
  }
}

void wholeWindow(benchmark::State& state) {
  const World& demo = world();
  for (auto unused : state) {
    const Predictor fresh(demo.trunk);
    benchmark::DoNotOptimize(fresh.predict(*demo.genome, requestAtGene(demo)));
  }
}

}  // namespace

BENCHMARK(editToCells)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(wholeWindow)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
