// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/hyperparameters.h"

#include "base/text.h"

namespace cellocus {

nlohmann::json seq2cellsArguments(const TrainingOptions& options, std::int64_t dimension,
                                  std::int64_t cells) {
  const nlohmann::json none;
  const bool bottleneck = options.bottleneck;
  return {
      {"emb_dim", dimension},
      {"target_dim", cells},
      {"model_type", bottleneck ? "bottleneck" : "linear"},
      {"bottleneck_dim", bottleneck ? nlohmann::json(options.bottleneckSize) : none},
      {"bottleneck_nonlin", bottleneck && options.relu ? nlohmann::json("RELU") : none},
      {"dropout_prob", bottleneck ? options.dropout : 0.0},
      {"softplus", options.softplus},
      {"loss", lossName(options.loss.loss)},
      {"rel_weight_gene", options.loss.geneWeight},
      {"rel_weight_cell", options.loss.cellWeight},
      {"pears_norm_mode",
       options.loss.centring == Centring::NonzeroMedian ? "nonzero_median" : "mean"},
      {"optimizer", optimizerName(options.optimizer.kind)},
      {"learning_rate", options.optimizer.learningRate},
      {"weight_decay", options.optimizer.weightDecay},
      {"lr_schedule", scheduleName(options.schedule.schedule)},
      {"lr_warmup_epochs", options.schedule.warmUpEpochs},
      {"lr_max_epochs", options.schedule.epochs},
      {"target_is_log", options.metrics.targetIsLog},
      {"log_train", options.metrics.logTrain},
      {"log_validate", options.metrics.logValidate},
      {"std_validate", options.metrics.stdValidate},
      {"mode", "single_cell"},
      {"freeze", none},
      {"train_eval", true},
  };
}

nlohmann::json trainingDescription(const TrainingOptions& options) {
  return {{"batch_genes", options.batchGenes},
          {"epochs", options.epochs},
          {"patience", options.patience},
          {"min_delta", options.minimalImprovement},
          {"seed", options.seed}};
}

void requireUsable(const TrainingOptions& options) {
  const auto require = [](bool holds, const std::string& fact, const std::string& fix) {
    if (!holds) throw Error("TRAINING_OPTIONS", "training options", fact, fix);
  };
  require(!options.bottleneck || options.bottleneckSize >= 1,
          "the bottleneck has " + std::to_string(options.bottleneckSize) + " units.",
          "Use 1 or more; 2,000 is the published size.");
  require(options.dropout >= 0 && options.dropout < 1,
          "the dropout is " + readable(options.dropout) + ".", "Use 0 or more, and less than 1.");
  require(options.batchGenes >= 1 && options.epochs >= 1 && options.patience >= 0 &&
              options.checkpoints >= 1,
          "batches, epochs and checkpoints have to be 1 or more, patience 0 or more.",
          "Correct the number that is smaller.");
  require(options.optimizer.learningRate > 0 && options.optimizer.learningRate < 1e6 &&
              options.optimizer.weightDecay >= 0 && options.optimizer.weightDecay < 1e6,
          "learning rate " + readable(options.optimizer.learningRate) + " and weight decay " +
              readable(options.optimizer.weightDecay) + " are not usable.",
          "The published values are 0.0001 and 0.1.");
  require(options.schedule.warmUpEpochs >= 0 && options.schedule.epochs >= 1,
          "the schedule has a negative number of epochs.",
          "Use 0 or more warm-up epochs and 1 or more in all.");
  const LossOptions& loss = options.loss;
  require(loss.geneWeight >= 0 && loss.cellWeight >= 0 && loss.geneWeight + loss.cellWeight > 0,
          "the weights of the Pearson loss are negative or both 0.",
          "The published ones are 1 and 1.");
}

}  // namespace cellocus
