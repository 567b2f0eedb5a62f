// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/querywindows.h"
#include "base/progress.h"
#include "genome/annotation.h"
#include "genome/genome.h"
#include "genome/locus.h"

namespace cellocus {

/// A transcription start site that a window is wanted for.
struct StartSite {
  std::string contig;
  std::int64_t position = 0;  ///< 0-based
  Strand strand = Strand::Unknown;
  std::string gene;    ///< sites of the same name belong together
  std::string symbol;  ///< the gene's if there is none
};

struct StartSites {
  std::vector<StartSite> sites;      ///< in the order of the file
  std::vector<std::string> remarks;  ///< what the user should know; may be empty
};

/// How a list of sites is laid out. Columns are numbered from 1.
struct SiteColumns {
  int contig = 1, position = 3;
  std::optional<int> strand = 6, gene = 7, symbol = 8;
};

/// What the numbers of the position's column count from: the first base of a contig is 0 or 1.
enum class PositionBase { Zero = 0, One = 1 };

/// Reads a list of start sites without a header: BED and the like, columns separated by tabs, plain
/// or gzipped; lines that begin with # are skipped. Without a gene column each site is a gene of
/// its own, "chr1_41090" (1-based). Without a base, 1 is taken; where the file looks like BED, a
/// remark says what the other choice would have meant, because both are in use.
/// @throws Error "TSS_LINE" naming the line, "TSS_EMPTY", "TSS_..." if it is no such file
StartSites readStartSites(const std::filesystem::path& path, const SiteColumns& columns,
                          std::optional<PositionBase> base, const Progress& progress = {});

/// One site for each protein-coding gene: of its MANE or else its canonical transcript, or else the
/// gene's own start, which a remark counts. @throws Error "TSS_EMPTY"
StartSites startSitesOf(const Annotation& annotation);

/// Names and lengths of contigs from a FASTA index (.fai) or a table chrom.sizes.
/// @throws Error "SIZES_LINE" naming the line, "SIZES_..." if it is no such file
std::vector<Contig> readContigSizes(const std::filesystem::path& path);

/// What becomes of a gene with several start sites.
enum class SeveralSites {
  Separate,  ///< a window for each
  Stitched,  ///< one window for all within reach of each other, its bins those of all of them
  /// As seq2cells' `--no-stitch` does, which looks like a fault: window _0 holds all sites within
  /// reach, window _1 only the last, the others have none; sites further apart are stitched anyway.
  SeparateAsPublished
};

/// How the bin of a site is counted.
enum class BinRule {
  /// As seq2cells: the first base of a bin counts for the bin before; bins have 128 bp and the last
  /// one is 895 whatever the sizes of the window.
  AsPublished,
  Corrected  ///< the bin that holds the site, of those that the model predicts
};

struct QueryDesign {
  std::int64_t windowLength = 196'608, predictedLength = 114'688, binSize = 128;  ///< bp
  SeveralSites several = SeveralSites::Separate;
  std::int64_t stitchWithin = 50'000;  ///< bp
  BinRule bins = BinRule::AsPublished;
};

/// Sites for which there is no window. Nothing is lost without being listed here.
struct LostSites {
  enum class Reason { UnknownContig, ContigTooShort, OutsidePrediction };
  std::string gene, symbol, contig;
  std::vector<std::int64_t> positions;  ///< 0-based
  Reason reason = Reason::OutsidePrediction;
};
/// "its contig is not in the genome", ...
std::string reasonText(LostSites::Reason reason);

struct DesignedQueries {
  std::vector<QueryWindow> windows;  ///< sorted by contig (as text), start and name, as seq2cells
  std::vector<LostSites> lost;
  std::vector<std::string> remarks;
};

/// Lays a window around the start sites of each gene: for an even number of bins a site lies in the
/// middle of the central bin, for an odd one on its border. At the ends of a contig windows are
/// moved, never padded. @throws Error "WINDOW_SIZES" if the sizes do not go together
DesignedQueries designQueries(const std::vector<StartSite>& sites,
                              const std::vector<Contig>& contigs, const QueryDesign& design = {});

}  // namespace cellocus
