// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "genome/genome.h"
#include "genome/locus.h"
#include "models/enformer.h"

namespace cellocus {

/// One row of a query file of seq2cells: a window of the genome and the bins of a gene's start
/// sites in it. What the file does not say is empty, the centre then -1.
struct QueryWindow {
  std::string name;            ///< patch_id
  std::string geneId, symbol;  ///< group_id, add_id
  Locus window;                ///< 0-based; in the file 1-based and inclusive
  Strand strand = Strand::Unknown;
  std::vector<std::int64_t> bins;  ///< of the kept bins of the window read on the plus strand

  /// 0-based. Of a window that was moved to stay on the contig it moved too: it is not the site.
  std::int64_t centre = -1;
  std::vector<std::int64_t> sites;  ///< start sites, 0-based, sorted; some may have no bin
  std::vector<Strand> siteStrands;  ///< of each of them
};

/// Reads the thirteen columns of seq2cells (SYSTEMS 2.3.1) by name; their order does not matter,
/// and what is not needed here may be absent; plain or gzipped. @throws Error "WINDOWS_FORMAT"
/// naming the line, "WINDOWS_..." if it is no such file
std::vector<QueryWindow> readQueryWindows(const std::filesystem::path& path);

/// A column that is put behind the thirteen.
struct ExtraColumn {
  std::string name;
  std::vector<std::string> values;  ///< one a window
};
/// The windows as a query file, column by column as seq2cells writes it.
std::string queryFileText(const std::vector<QueryWindow>& windows,
                          const std::vector<ExtraColumn>& extra = {});

enum class Aggregate { Mean, Sum, Median };
enum class StrandReading {
  Own,       ///< minus-strand genes are read from the reverse complement, as seq2cells does
  Opposite,  ///< each gene the other way round
  Both       ///< the average of the two
};
enum class EmbeddingOf { StartSites, Window };

struct WindowEmbeddingOptions {
  EmbeddingOf what = EmbeddingOf::StartSites;
  std::int64_t addBins =
      0;  ///< neighbours to each side of a start site's bin that are aggregated too
  Aggregate aggregate = Aggregate::Mean;
  StrandReading reading = StrandReading::Own;
  /// The window is moved by so many bases, to the left as far as the contig allows; over its right
  /// end it is cut off. Results are averaged. The bins stay. All this as in seq2cells.
  std::vector<std::int64_t> shifts = {0};
};

/// Whether the model can embed the window. @throws Error "WINDOW_LENGTH" if it is not as long as
/// the model's input, "WINDOW_BIN" if a bin lies outside of what the model predicts
void checkWindow(const EnformerConfig& config, const QueryWindow& window,
                 const WindowEmbeddingOptions& options);

/// The embedding of one row [1, 2 * dim]: bases beyond the contig count a quarter of each base; on
/// the reverse strand bin b becomes the mirrored one; several bins are aggregated.
/// @throws Error as checkWindow(), "WINDOW_SHIFT" if nothing is left of a moved window
Matrix embedWindow(const Enformer& model, const Genome& genome, const QueryWindow& window,
                   const WindowEmbeddingOptions& options = {}, const Progress& progress = {});

}  // namespace cellocus
