// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/demoworld.h"

#include <memory>
#include <vector>

#include "analysis/headfit.h"
#include "analysis/predictor.h"
#include "base/file.h"
#include "demo/democells.h"
#include "demo/demogenome.h"
#include "demo/demotexts.h"
#include "demo/motiftrunk.h"
#include "models/enformer.h"

namespace cellocus {

namespace {

namespace fs = std::filesystem;

constexpr const char* textbookLabel =
    "Demo motif scanner: constructed from consensus motifs, not a trained Enformer; outputs are "
    "motif "
    "evidence, not expression or accessibility.";
constexpr const char* userLabel =
    "Demo motif scanner: constructed from the matrices of a motif file, not a trained Enformer; "
    "outputs are "
    "motif evidence, not expression or accessibility.";

/// A folder that goes away with its owner.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(fs::path path) : m_path(std::move(path)) {
    fs::create_directories(m_path);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return m_path; }

 private:
  fs::path m_path;
};

/// Windows for the calibration, evenly over the contigs.
std::vector<std::string> calibrationWindows(const DemoGenome& genome, std::int64_t length) {
  constexpr std::int64_t step = 180'000;
  std::vector<std::string> windows;
  for (const DemoGenome::Sequence& contig : genome.contigs) {
    const auto size = static_cast<std::int64_t>(contig.bases.size());
    for (std::int64_t start = 0; start + length <= size; start += step)
      windows.push_back(
          contig.bases.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(length)));
  }
  return windows;
}

std::shared_ptr<const Enformer> makeTrunk(const fs::path& folder, const TrunkPlan& plan,
                                          const std::string& label, const DemoGenome& genome,
                                          const Progress& progress) {
  TrunkCalibration calibration;
  {
    const TemporaryFolder draft(folder.parent_path() / ".trunk-draft");
    writeTrunk(draft.path(), plan, TrunkCalibration::unset(), label);
    const auto model = Enformer::open(draft.path());
    progress.at(0, "calibrating the motif scanner");
    calibration = calibrateTrunk(
        plan, *model, calibrationWindows(genome, model->config().windowLength), progress);
  }
  writeTrunk(folder, plan, calibration, label);
  return Enformer::open(folder);
}

/// Embeddings of all start sites [genes, 2 * dim].
Matrix startSiteEmbeddings(std::shared_ptr<const Enformer> model, const DemoFiles& files,
                           const std::vector<Gene>& genes, const Progress& progress) {
  const auto genome = Genome::open(files.genome);
  // The windows of different genes share no piece in the same phase: keeping pieces would be in
  // vain.
  const Predictor predictor(model, 1u << 20);
  Matrix embeddings(static_cast<Eigen::Index>(genes.size()), model->config().embeddingSize());
  for (std::size_t i = 0; i < genes.size(); ++i) {
    const double done = static_cast<double>(i) / static_cast<double>(genes.size());
    progress.at(done, "embedding the start sites");
    embeddings.row(static_cast<Eigen::Index>(i)) =
        tssEmbedding(predictor, *genome, genes[i], {}).embedding.row(0);
  }
  return embeddings;
}

HeadFitReport makeHead(const fs::path& path, const Matrix& embeddings, const DemoCells& cells,
                       const Progress& progress) {
  HeadFitOptions options;
  options.cellNames = cells.dataset.cellNames;
  HeadFitReport report;
  Emb2Cell::Parts parts =
      fitHead(embeddings, cells.logExpression, options, &report, progress).parts();
  parts.label = demoHeadLabel(report);
  Emb2Cell(std::move(parts)).save(path);
  return report;
}

void writeGenome(const DemoFiles& files, const DemoGenome& genome) {
  saveAtomic(files.genome, demoFasta(genome));
  saveAtomic(files.genomeIndex, demoFastaIndex(genome));
  saveAtomic(files.annotation, demoGtf(genome));
  saveAtomic(files.peaks, demoPeaks(genome));
  saveAtomic(files.bands, demoBands(genome));
  saveAtomic(files.windows, demoWindows(genome));
}

}  // namespace

DemoFiles demoFiles(const fs::path& folder) {
  return {folder / "genome.fa",   folder / "genome.fa.fai", folder / "genes.gtf",
          folder / "cells.h5ad",  folder / "trunk",         folder / "head.safetensors",
          folder / "truth.tsv",   folder / "peaks.bed",     folder / "bands.txt",
          folder / "windows.tsv", folder / "README.txt"};
}

void makeDemo(const fs::path& folder, const DemoOptions& options, const Progress& progress) {
  const TrunkPlan plan = planTrunk(options.motifs ? readMotifs(*options.motifs) : textbookMotifs());
  const DemoFiles files = demoFiles(folder);
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure)
    throw Error("SAVE_FAILED", folder.string(),
                "the folder cannot be made: " + failure.message() + ".",
                "Choose a folder in which you may write.");

  const DemoGenome genome = makeDemoGenome(options.seed, progress.part(0, 0.1));
  writeGenome(files, genome);
  const DemoCells cells = makeDemoCells(genome, options.seed, progress.part(0.1, 0.15));
  writeH5ad(files.cells, cells.dataset);
  saveAtomic(files.truth, demoTruth(genome, cells));
  const auto model = makeTrunk(files.trunk, plan, options.motifs ? userLabel : textbookLabel,
                               genome, progress.part(0.15, 0.35));
  const Matrix embeddings =
      startSiteEmbeddings(model, files, genome.genes, progress.part(0.35, 0.95));
  const HeadFitReport report = makeHead(files.head, embeddings, cells, progress.part(0.95, 1));
  saveAtomic(files.readme, demoReadme(genome, cells, plan, report, options.seed));
  progress.at(1, "done");
}

}  // namespace cellocus
