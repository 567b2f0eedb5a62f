// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/cellprediction.h"
#include "analysis/predictor.h"
#include "analysis/pseudobulk.h"
#include "analysis/querywindows.h"
#include "analysis/variantlist.h"
#include "genome/genome.h"
#include "models/emb2cell.h"

namespace cellocus {

/// On which strand and in which bin a gene is read.
enum class StrandMode {
  /// As its embedding was made for training: minus genes from the reverse complement, in the
  /// mirrored bin. The reference is the genome's; any small variant is scored.
  Corrected,
  /// As seq2cells' predict_variant_effect.py does by default: every gene from the plus strand; the
  /// given reference allele is put into the sequence even if the genome differs; substitutions of
  /// one base only.
  AsPublished,
  /// The same with `strand_specific_mode`: minus genes from the reverse complement, but in the bin
  /// of the plus strand.
  AsPublishedStrandSpecific
};

/// What became of a variant. No input line goes without.
enum class VariantState {
  Scored,
  ReferenceMismatch,  ///< the genome has another base there
  OutOfWindow,        ///< too far from the gene for the model to see it
  Unmatched,          ///< no window of the gene, or it is on another chromosome
  Unsupported         ///< an allele that cannot be scored, or a line that makes no sense
};
/// "scored", "reference mismatch", "out of window", "unmatched", "unsupported".
std::string_view variantStateName(VariantState state);

/// A variant and a gene near it.
struct VariantTask {
  std::size_t variant = 0;   ///< number in the list
  std::int64_t window = -1;  ///< of the query windows; -1 if there is none
  VariantState state = VariantState::Scored;
  std::string reason;            ///< why it is not scored, or what is odd about it; may be empty
  std::int64_t tssDistance = 0;  ///< TSS - position, whatever the strand; 0 without a window
  std::int64_t row = -1;         ///< of the results, if scored
};

/// Variants joined with genes: one task for each window of the linked gene (by id without version),
/// or for each window that holds the variant where no gene is linked; one task without a window
/// where there is none. In the order of the list, then of the windows.
struct VariantPlan {
  std::vector<VariantTask> tasks;
  std::int64_t scored = 0;
  std::int64_t count(VariantState state) const;
};
/// @throws Error "WINDOW_LENGTH", "WINDOW_BIN" if the windows were made for another model
VariantPlan planVariants(const std::vector<ListedVariant>& variants,
                         const std::vector<QueryWindow>& windows, const Genome& genome,
                         const EnformerConfig& config, StrandMode mode);

/// What the work needs; all of it must outlive the call.
struct VariantInputs {
  const Predictor* predictor = nullptr;
  const Genome* genome = nullptr;
  const std::vector<ListedVariant>* variants = nullptr;
  const std::vector<QueryWindow>* windows = nullptr;
};

struct VariantOptions {
  StrandMode mode = StrandMode::Corrected;
  std::int64_t addBins = 0;  ///< neighbours to each side of the start site's bin that are averaged
  /// Tracks whose sum over the window's bins is wanted too, by head: ("human", {3, 10}).
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> tracks = {};
};

/// Results of some scored tasks that were computed together.
struct VariantBatch {
  std::vector<std::int64_t> rows;             ///< VariantTask::row of each
  Matrix reference, alternative;              ///< embeddings at the start site [rows, 2 * dim]
  Matrix referenceTracks, alternativeTracks;  ///< sums over the window [rows, tracks]
};

/// Embeddings of the start sites with both alleles. Works through the windows one after the other,
/// because variants of one window share most of the work, and keeps nothing: batches are handed to
/// `take` as they are done, at most 64 rows each.
/// @throws Error "PRECISION_TOO_LOW", and those of the genome
void embedVariants(const VariantInputs& inputs, const VariantPlan& plan,
                   const VariantOptions& options,
                   const std::function<void(const VariantBatch&)>& take,
                   const Progress& progress = {});

/// Effects of variants on cells: alternative - reference, in the head's unit. Positive: the
/// alternative allele raises the prediction.
struct VariantEffects {
  VariantPlan plan;
  Matrix reference, alternative;        ///< [plan.scored, cells]; empty unless asked for
  Vector mean, meanAbsolute;            ///< over cells of effect and |effect| [plan.scored]
  CellGroups groups;                    ///< no names: no groups
  Matrix groupMean, groupMeanAbsolute;  ///< the same over the cells of each group [scored, groups]
  std::vector<std::string> trackNames;  ///< "human:3"
  Matrix referenceTracks, alternativeTracks;  ///< [plan.scored, tracks]
  std::string unit, label;
};

/// Groups of a dataset's cells as groups of a head's outputs; outputs of no cell are in none.
CellGroups groupsOfHead(const CellGroups& groups, const CellMatch& match, std::int64_t outputs);

enum class KeepCells { Yes, No };

struct CellEffectOptions {
  VariantOptions variants;
  /// Of the head's cells; groupOfCell as long as the head has cells.
  CellGroups groups = {};
  KeepCells keep = KeepCells::Yes;
  std::uint64_t memory = std::uint64_t{2} << 30;  ///< bytes that the values of cells may take
};

/// `head` may be null where only tracks are wanted.
/// @throws Error "EFFECTS_TOO_LARGE" before anything is computed, "EMBEDDING_SIZE", and as
/// planVariants and embedVariants
VariantEffects scoreVariants(const VariantInputs& inputs, const Emb2Cell* head,
                             const CellEffectOptions& options, const Progress& progress = {});

/// The effect of one variant on one gene in two groups of cells.
struct TransferredEffect {
  std::int64_t row = 0;  ///< of the effects
  float from = 0, to = 0;
  float difference = 0;  ///< to - from
};
/// The same variants in two populations, the largest |difference| first (equal ones by row).
/// @throws Error "GROUP_UNKNOWN" with near names
std::vector<TransferredEffect> transferEffects(const VariantEffects& effects,
                                               std::string_view fromGroup,
                                               std::string_view toGroup);

}  // namespace cellocus
