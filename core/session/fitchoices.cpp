// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/fitchoices.h"

#include <QCoreApplication>
#include <array>
#include <string_view>

namespace cellocus {

namespace {

constexpr std::array losses{ExpressionLoss::Pearson, ExpressionLoss::PoissonNll,
                            ExpressionLoss::Poisson, ExpressionLoss::MeanSquaredError};
constexpr std::array centrings{Centring::Mean, Centring::NonzeroMedian};
constexpr std::array optimizers{OptimizerKind::AdamW, OptimizerKind::Sgd, OptimizerKind::RmsProp};
constexpr std::array schedules{Schedule::Constant, Schedule::LinearWarmUp,
                               Schedule::LinearWarmUpCosineDecay, Schedule::ReduceOnPlateau};
constexpr std::array splits{SplitChoice::Kind::Random, SplitChoice::Kind::Regions,
                            SplitChoice::Kind::Column};
constexpr std::array transforms{ExpressionTransform::AsStored,
                                ExpressionTransform::LogPerTenThousand};

std::string_view centringName(Centring centring) {
  return centring == Centring::Mean ? "mean" : "nonzero_median";
}

std::string_view splitName(SplitChoice::Kind kind) {
  constexpr std::array<std::string_view, 3> names{"random", "regions", "column"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view transformName(ExpressionTransform transform) {
  return transform == ExpressionTransform::AsStored ? "as_stored" : "log1p_10000";
}

QString text(std::string_view value) {
  return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
}

template <typename Value, std::size_t count, typename Name>
void readChoice(const QJsonValue& json, const std::array<Value, count>& values, Name name,
                Value& into) {
  for (const Value value : values)
    if (json.toString() == text(name(value))) into = value;
}

void readInteger(const QJsonValue& json, std::int64_t least, std::int64_t most,
                 std::int64_t& into) {
  const qint64 value = json.toInteger(into);
  if (value >= least && value <= most) into = value;
}

void readNumber(const QJsonValue& json, double least, double most, double& into) {
  const double value = json.toDouble(into);
  if (value >= least && value <= most) into = value;
}

}  // namespace

QJsonObject fitJson(const FitChoices& choices) {
  const TrainingOptions& o = choices.options;
  QJsonObject json{{"bottleneck", o.bottleneck},
                   {"bottleneck_size", static_cast<qint64>(o.bottleneckSize)},
                   {"relu", o.relu},
                   {"dropout", o.dropout},
                   {"softplus", o.softplus},
                   {"loss", text(lossName(o.loss.loss))},
                   {"gene_weight", o.loss.geneWeight},
                   {"cell_weight", o.loss.cellWeight},
                   {"centring", text(centringName(o.loss.centring))},
                   {"optimizer", text(optimizerName(o.optimizer.kind))},
                   {"learning_rate", o.optimizer.learningRate},
                   {"weight_decay", o.optimizer.weightDecay},
                   {"schedule", text(scheduleName(o.schedule.schedule))},
                   {"warm_up_epochs", static_cast<qint64>(o.schedule.warmUpEpochs)},
                   {"batch_genes", static_cast<qint64>(o.batchGenes)},
                   {"epochs", static_cast<qint64>(o.epochs)},
                   {"patience", static_cast<qint64>(o.patience)},
                   {"seed", static_cast<qint64>(o.seed)},
                   {"layer", choices.layer},
                   {"split", text(splitName(choices.split.kind))},
                   {"split_name", text(choices.split.name)},
                   {"valid_share", choices.split.validShare},
                   {"test_share", choices.split.testShare}};
  if (choices.transform) json["transform"] = text(transformName(*choices.transform));
  return json;
}

FitChoices fitFrom(const QJsonObject& json) {
  FitChoices choices;
  TrainingOptions& o = choices.options;
  o.bottleneck = json["bottleneck"].toBool(o.bottleneck);
  readInteger(json["bottleneck_size"], 1, 100'000, o.bottleneckSize);
  o.relu = json["relu"].toBool(o.relu);
  readNumber(json["dropout"], 0, 0.99, o.dropout);
  o.softplus = json["softplus"].toBool(o.softplus);
  readChoice(json["loss"], losses, lossName, o.loss.loss);
  readNumber(json["gene_weight"], 0, 1000, o.loss.geneWeight);
  readNumber(json["cell_weight"], 0, 1000, o.loss.cellWeight);
  readChoice(json["centring"], centrings, centringName, o.loss.centring);
  readChoice(json["optimizer"], optimizers, optimizerName, o.optimizer.kind);
  readNumber(json["learning_rate"], 1e-9, 10, o.optimizer.learningRate);
  readNumber(json["weight_decay"], 0, 10, o.optimizer.weightDecay);
  readChoice(json["schedule"], schedules, scheduleName, o.schedule.schedule);
  readInteger(json["warm_up_epochs"], 0, 10'000, o.schedule.warmUpEpochs);
  readInteger(json["batch_genes"], 1, 100'000, o.batchGenes);
  readInteger(json["epochs"], 1, 100'000, o.epochs);
  readInteger(json["patience"], 0, 100'000, o.patience);
  o.seed = static_cast<std::uint64_t>(json["seed"].toInteger(static_cast<qint64>(o.seed)));
  o.schedule.epochs = o.epochs;
  choices.layer = json["layer"].toString();
  readChoice(json["split"], splits, splitName, choices.split.kind);
  choices.split.name = json["split_name"].toString().toStdString();
  readNumber(json["valid_share"], 0, 0.33, choices.split.validShare);
  readNumber(json["test_share"], 0, 0.33, choices.split.testShare);
  for (const ExpressionTransform transform : transforms)
    if (json["transform"].toString() == text(transformName(transform)))
      choices.transform = transform;
  return choices;
}

QString problemOf(const FitChoices& choices) {
  if (choices.split.kind == SplitChoice::Kind::Regions && choices.split.name.empty())
    return QCoreApplication::translate("FitChoices", "Name the BED file of Enformer's regions.");
  if (choices.split.kind == SplitChoice::Kind::Column && choices.split.name.empty())
    return QCoreApplication::translate("FitChoices",
                                       "Name the column that divides the genes into sets.");
  const LossOptions& loss = choices.options.loss;
  if (loss.loss == ExpressionLoss::Pearson && loss.geneWeight + loss.cellWeight <= 0)
    return QCoreApplication::translate("FitChoices",
                                       "One of the loss's two weights has to be above 0.");
  return {};
}

}  // namespace cellocus
