// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/epochmetrics.h"
#include "analysis/expressionloss.h"
#include "analysis/learningrate.h"
#include "analysis/optimizer.h"
#include "analysis/splitset.h"
#include "analysis/trainingcontrol.h"
#include "base/matrix.h"
#include "base/progress.h"
#include "models/emb2cell.h"

/// Training of an emb2cell head as seq2cells does it (SYSTEMS 2.1), by stochastic gradient descent
/// over batches of genes. Deterministic for a seed, whatever the number of threads.
namespace cellocus {

/// What a head is trained on. Row i of everything is the same gene.
struct TrainingData {
  Matrix embeddings;  ///< [genes, 2 * dim]
  /// Expression of some genes in all cells, [genes.size(), cells], float32; called from the
  /// training thread, so that the data need not be in memory whole.
  using Rows = std::function<Matrix(std::span<const std::int64_t> genes, const Progress& progress)>;
  Rows expression;
  std::vector<SplitSet> sets;          ///< one a gene
  std::vector<std::string> geneIds;    ///< one a gene
  std::vector<std::string> cellNames;  ///< one a cell; their number is the number of cells
  std::string unit;                    ///< of expression: "log1p counts per 10,000", ...
  std::string gamma;                   ///< of the embeddings: "tf", "torch" or not recorded
};

/// All hyper-parameters; the defaults are the published ones.
struct TrainingOptions {
  bool bottleneck = true;  ///< false: one linear layer
  std::int64_t bottleneckSize = 2000;
  bool relu = true;      ///< after the bottleneck
  double dropout = 0.5;  ///< of the bottleneck, before the ReLU; 0 <= p < 1
  bool softplus = true;  ///< at the end

  LossOptions loss;
  MetricOptions metrics;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;

  std::int64_t batchGenes = 10;
  std::int64_t epochs = 30;           ///< at most
  std::int64_t patience = 5;          ///< epochs without improvement; 0: never stop early
  double minimalImprovement = 0.001;  ///< of the cross-cell correlation of the validation genes
  std::uint64_t seed = 1234;          ///< of initial weights, batches and dropout
  std::int64_t checkpoints = 3;       ///< how many of the best heads are kept in `folder`

  /// Where the resumable state and the best heads are kept; empty: nowhere.
  std::filesystem::path folder;

  /// Starts from these weights instead of random ones; its layers have to fit.
  std::shared_ptr<const Emb2Cell> initial;
  /// Genes in the order in which they are trained on, one list an epoch, as positions among the
  /// train genes; empty: shuffled anew in each epoch.
  std::vector<std::vector<std::int64_t>> batchOrder;
};

struct StepReport {
  std::int64_t step = 0;   ///< steps done, from 1
  std::int64_t epoch = 0;  ///< from 1
  std::int64_t stepsPerEpoch = 0;
  double loss = 0;
  double learningRate = 0;  ///< used in this step
};

struct EpochReport {
  std::int64_t epoch = 0;  ///< from 1; 0 is the validation before training
  std::int64_t step = 0;   ///< steps done
  double meanLoss = 0;     ///< over the epoch's batches
  double lastLoss = 0;     ///< of its last batch: seq2cells' `train_loss`
  double validLoss = 0;    ///< NaN without validation genes
  /// Of what was predicted in the epoch's steps, with dropout and while the weights changed, as
  /// seq2cells has it.
  CorrelationMeans train;
  CorrelationMeans valid;
  double learningRate = 0;  ///< of the epoch's last step
  double seconds = 0;
  bool best = false;  ///< best cross-cell correlation of validation so far
};

/// Called on the thread that trains.
struct TrainingCallbacks {
  std::function<void(const StepReport&)> afterStep;
  std::function<void(const EpochReport&)> afterEpoch;
  TrainingControl* control = nullptr;  ///< to pause, or to stop and keep what there is
};

enum class TrainingEnd { AllEpochs, NoImprovement, StoppedByUser };
/// "all 30 epochs done", ... for a report.
std::string endText(TrainingEnd end, const TrainingOptions& options);

struct TrainingResult {
  std::shared_ptr<const Emb2Cell> best;  ///< by the cross-cell correlation of validation
  std::shared_ptr<const Emb2Cell> last;  ///< after the last step
  std::int64_t bestEpoch = 0;            ///< 0: no epoch was finished, or there is no validation
  EpochReport untrained;                 ///< validation before the first step
  std::vector<EpochReport> history;      ///< of all epochs, those of earlier runs included
  TrainingEnd end = TrainingEnd::AllEpochs;
  bool resumed = false;  ///< went on from a state in the folder
};

/// Trains a head. With a folder, the state is saved after every epoch; called again with the same
/// data and options, training goes on there and ends with the same numbers as without the pause.
/// @throws Error "TRAINING_DATA", "TRAINING_OPTIONS", "TRAINING_NEGATIVE" (a Poisson loss and
/// expression below 0, as after covariates were regressed out), "TRAINING_DIVERGED", and
/// "TRAINING_STATE" if the folder holds the state of other data or options; Cancelled, which leaves
/// the state of the last epoch
TrainingResult trainHead(const TrainingData& data, const TrainingOptions& options,
                         const TrainingCallbacks& callbacks = {}, const Progress& progress = {});

/// What training with these options and data holds in memory, in bytes, for a warning before it.
std::uint64_t trainingMemory(std::int64_t dimension, std::int64_t cells,
                             const TrainingOptions& options);

}  // namespace cellocus
