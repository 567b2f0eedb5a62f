// SPDX-License-Identifier: GPL-3.0-or-later
#include "demosession.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

#include "base/file.h"
#include "demo/demoworld.h"
#include "demo/realhead.h"
#include "export/provenance.h"

namespace cellocus {

namespace {

/// A regulator of the demo with a GATA site in its own promoter, and a gene of the hg38 windows
/// with two.
constexpr const char* demoGene = "GATA4";
constexpr const char* realGene = "NPPA";
/// The stretch around NPPA that is shown first: its GATA4 peak lies in the middle. 0-based.
const Locus realLocus{"chr1", 11'835'000, 11'860'000};

QString text(const std::filesystem::path& path) {
  return QString::fromStdString(path.string());
}

QString existing(const QDir& folder, const QString& name) {
  return folder.exists(name) ? folder.absoluteFilePath(name) : QString();
}

}  // namespace

std::optional<QString> findDemo() {
  const QDir program(QCoreApplication::applicationDirPath());
  for (const QString& folder :
       {qEnvironmentVariable("CELLOCUS_DEMO"), program.absoluteFilePath("../share/cellocus/demo"),
        QStringLiteral(CELLOCUS_BUILD_DEMO)})
    if (!folder.isEmpty() && QFileInfo::exists(text(demoFiles(folder.toStdString()).genome)))
      return folder;
  return std::nullopt;
}

SessionState demoState(const QString& demoFolder) {
  const DemoFiles files = demoFiles(demoFolder.toStdString());
  SessionState state;
  state.genome = text(files.genome);
  state.annotations = QStringList{text(files.annotation)};
  state.bedTracks = QStringList{text(files.peaks)};
  state.trunk = text(files.trunk);
  state.head = text(files.head);
  state.cells = text(files.cells);
  if (std::filesystem::exists(files.bands)) state.bands = text(files.bands);
  state.gene = demoGene;
  state.colourBy = {ColourBy::Kind::Column, "cell_type"};
  state.groupBy = "cell_type";
  return state;
}

SessionState realState(const QString& dataFolder, const QString& demoFolder) {
  const QDir data(dataFolder);
  SessionState state;
  state.genome = existing(data, "genome/hg38_sparse.fa.gz");
  for (const char* name :
       {"annotation/hg38_windows_genes.gtf", "annotation/MANE.GRCh38.v1.4.summary.tsv"})
    if (const QString path = existing(data, name); !path.isEmpty()) state.annotations << path;
  state.bands = existing(data, "annotation/ucsc_cytoBandIdeo_hg38.txt.gz");
  if (const QString peaks = existing(data, "gene_sets/GATA4_ChIPseq_peaks_hg38.bed");
      !peaks.isEmpty())
    state.bedTracks << peaks;
  state.cells = existing(data, "cells/cardiac_hiPSC_day2_day5_raw.h5ad");
  state.trunk = text(demoFiles(demoFolder.toStdString()).trunk);
  state.locus = realLocus;
  state.gene = realGene;
  state.colourBy = {ColourBy::Kind::Column, "cluster"};
  state.groupBy = "cluster";
  return state;
}

QString scannerFor(const QString& dataFolder, const QString& demoFolder, const Progress& progress) {
  const QString motifs = existing(QDir(dataFolder), "motifs/demo_motifs.meme");
  if (motifs.isEmpty()) return demoFolder;
  const std::filesystem::path file = motifs.toStdString();
  const std::filesystem::path folder =
      cacheFolder() / ("scanner-" + sha256OfFile(file).substr(0, 16));
  if (!std::filesystem::exists(demoFiles(folder).readme)) {
    DemoOptions options;
    options.motifs = file;
    makeDemo(folder, options, progress);
  }
  return text(folder);
}

std::filesystem::path realHead(const RealHeadSources& sources, const Progress& progress) {
  Provenance inputs;
  inputs.add("trunk", sources.predictor->model().path(), progress.part(0, 0.02));
  inputs.add("cells", sources.cells->path(), progress.part(0.02, 0.04));
  inputs.add("genome", sources.genome->path(), progress.part(0.04, 0.06));
  std::string checksums;
  for (const Provenance::File& file : inputs.files) checksums += file.sha256;
  const std::filesystem::path path =
      cacheFolder() / ("real-head-" + sha256(checksums).substr(0, 16) + ".safetensors");
  if (std::filesystem::exists(path)) return path;
  fitRealHead({*sources.genome, *sources.annotation, *sources.cells, *sources.predictor},
              progress.part(0.06, 1))
      .save(path);
  return path;
}

}  // namespace cellocus
