// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "genome/annotation.h"
#include "genome/genome.h"
#include "genome/haplotype.h"
#include "models/emb2cell.h"
#include "models/enformer.h"

namespace cellocus {

/// How much of a prediction was known from earlier ones.
enum class Reuse { Nothing, Part, Everything };

/// What a sequence model says of one window of one haplotype. A value; never changed after it was
/// made.
struct Prediction {
  Locus window;     ///< the model's input, reference coordinates
  Locus predicted;  ///< what the bins cover
  std::int64_t binSize = 128;
  Haplotype haplotype;
  std::string head;                  ///< "human"
  std::vector<std::int64_t> tracks;  ///< track numbers of the columns of `values`
  Matrix embedding;                  ///< [bins, 2 * dim] in the coordinates of the edited sequence
  Matrix values;  ///< [bins, tracks] in reference coordinates; NaN where bases were deleted
  std::int64_t padded = 0;                   ///< bases of the window beyond the contig's ends
  double seconds = 0;                        ///< what it took
  Precision precision = Precision::Float32;  ///< of the model; bfloat16 is to be looked at only
  Reuse reuse = Reuse::Nothing;

  std::int64_t binCount() const { return embedding.rows(); }
  Locus bin(std::int64_t bin) const {
    return {predicted.contig, predicted.start + bin * binSize,
            predicted.start + (bin + 1) * binSize};
  }
  /// The bin that holds a position, or -1.
  std::int64_t binAt(std::int64_t position) const {
    return predicted.contains(position) ? (position - predicted.start) / binSize : -1;
  }
};

/// The model window in which a position (the TSS) is the middle of the central bin, binCount() / 2:
/// for 196,608 bases and 896 bins [position - 98,368, position + 98,240) and bin 448, as in
/// seq2cells. Not moved at contig ends; padded there.
Locus windowAround(const EnformerConfig& config, const std::string& contig, std::int64_t position);

/// To be asked before something is subtracted: the three significant digits of bfloat16 hide what
/// most edits change. @throws Error "PRECISION_TOO_LOW" if the model is not of float32
void requireExact(const Enformer& model);

class PredictorCache;

/// Predicts windows and keeps what can be used again: embeddings and tower pieces by the bases they
/// depend on, and places prepared for edits. So undo costs nothing, a substitution a fifth of the
/// window, and an insertion or deletion, which moves all bases on one side of it, the tower of that
/// side and the transformer. The cache is bounded in bytes and needs no invalidation. May be used
/// from several threads.
class Predictor {
 public:
  explicit Predictor(std::shared_ptr<const Enformer> model, std::size_t cacheBytes = 160u << 20);
  ~Predictor();

  const Enformer& model() const { return *m_model; }

  struct Request {
    Locus window;
    std::int64_t anchor = 0;  ///< keeps its place when indels move bases (the TSS)
    Haplotype haplotype;
    std::string head = "human";
    std::vector<std::int64_t> tracks;  ///< empty = all of the head
  };
  /// @throws Error "PRECISION_TOO_LOW" for edits in bfloat16, and those of the genome
  Prediction predict(const Genome& genome, const Request& request,
                     const Progress& progress = {}) const;
  /// The embedding of any sequence [bins, 2 * dim]: of all bins that the model keeps, or of some of
  /// them (counted as in a Prediction), which spares the rest of the last layer.
  Matrix embedding(std::string_view bases, const Progress& progress = {}) const;
  Matrix embedding(std::string_view bases, BinRange bins, const Progress& progress = {}) const;

  using TakeEmbedding = Enformer::TakeEmbedding;
  /// The embeddings of many sequences that differ from `window` by substitutions near one another:
  /// what they share is computed once. Hands each [bins, 2 * dim] to `take` and keeps none; those
  /// that lie too far apart come last.
  /// @throws Error "PRECISION_TOO_LOW"
  void embeddings(std::string_view window, std::span<const std::string> edited, BinRange bins,
                  const TakeEmbedding& take, const Progress& progress = {}) const;

 private:
  Matrix embedding(std::string_view bases, BinRange bins, const Progress& progress,
                   Reuse& reuse) const;
  Matrix tower(std::string_view bases, const Progress& progress, Reuse& reuse) const;
  std::int64_t tokenCount(std::string_view bases) const;
  std::string pieceKey(std::string_view bases, BinRange tokens) const;
  std::vector<BinRange> editedTokens(std::string_view window,
                                     std::span<const std::string_view> edited) const;
  std::shared_ptr<const EditSite> siteFor(std::span<const std::string_view> edited,
                                          const Progress& progress) const;
  void rememberWindow(std::string_view bases) const;

  std::shared_ptr<const Enformer> m_model;
  std::unique_ptr<PredictorCache> m_cache;
  mutable std::mutex m_windowsMutex;
  mutable std::deque<std::string> m_windows;  ///< computed as a whole, the latest in front
};

/// The embedding of a gene's start site on its own strand, as seq2cells makes it: for a minus gene
/// the window is reverse-complemented and the mirrored bin taken. [1, 2 * dim] `prediction` must
/// cover the TSS; for a minus gene the trunk is symmetric only if the model is, so the window is
/// predicted anew on the other strand unless `forwardOnly`.
struct TssEmbedding {
  Matrix embedding;      ///< [1, 2 * dim]
  std::int64_t bin = 0;  ///< in the orientation that was computed
  bool reverse = false;  ///< computed on the reverse strand
};
TssEmbedding tssEmbedding(const Predictor& predictor, const Genome& genome, const Gene& gene,
                          const Haplotype& haplotype, const Progress& progress = {});

}  // namespace cellocus
