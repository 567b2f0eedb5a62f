// SPDX-License-Identifier: GPL-3.0-or-later
// The traces of seq2cells' own training: the same weights, batches and options lead to the same
// losses, weights, metrics and predictions.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "analysis/headtraining.h"
#include "support/golden.h"
#include "support/shared.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

const std::string folder = "conformance/seq2cells/S2_training";

std::filesystem::path golden() {
  return sharedPath(folder + "/expected.h5");
}

std::vector<std::int64_t> wholeNumbers(const std::string& dataset) {
  const auto values = goldenArray(golden(), dataset).values;
  return {values.begin(), values.end()};
}

struct Trace {
  std::string name;
  TrainingData data;
  TrainingOptions options;

  std::string place(const std::string& what) const { return name + "/" + what; }
  std::vector<double> values(const std::string& what) const {
    return goldenArray(golden(), place(what)).values;
  }
  /// One number an epoch or step, compared with a tolerance relative to what is above 1.
  void expectSeries(const std::string& what, const std::vector<double>& actual,
                    double tolerance) const {
    SCOPED_TRACE(place(what));
    const auto expected = values(what);
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(actual[i], expected[i], tolerance * std::max(1.0, std::abs(expected[i])))
          << "at " << i;
  }
};

TrainingData dataOf(const std::string& trace) {
  static const Matrix embeddings = goldenArray(golden(), "embedding").matrix();
  static const Matrix observed = goldenArray(golden(), "observed").matrix();
  const auto columns = wholeNumbers(trace + "/cell_columns");
  const auto names = goldenStrings(golden(), "cell_names");
  TrainingData data;
  data.embeddings = embeddings;
  for (const std::int64_t column : columns)
    data.cellNames.push_back(names[static_cast<std::size_t>(column)]);
  data.expression = [columns](std::span<const std::int64_t> genes, const Progress&) {
    Matrix rows(std::ssize(genes), std::ssize(columns));
    for (Eigen::Index row = 0; row < rows.rows(); ++row)
      for (Eigen::Index cell = 0; cell < rows.cols(); ++cell)
        rows(row, cell) =
            observed(genes[static_cast<std::size_t>(row)], columns[static_cast<std::size_t>(cell)]);
    return rows;
  };
  data.geneIds = goldenStrings(golden(), "genes");
  for (const std::string& set : goldenStrings(golden(), "split"))
    data.sets.push_back(splitSetNamed(set).value());
  data.unit = "log1p counts";
  return data;
}

template <typename Enum>
Enum named(const std::string& name, const std::map<std::string, Enum>& names) {
  return names.at(name);
}

std::shared_ptr<const Emb2Cell> headOf(const std::string& group, const nlohmann::json& arguments) {
  Emb2Cell::Parts parts;
  const auto layer = [&](const std::string& number) -> Emb2Cell::Layer {
    const std::string name = group + "/model_head." + number;
    return {goldenArray(golden(), name + ".weight").matrix(),
            goldenArray(golden(), name + ".bias").matrix()};
  };
  parts.first = layer("0");
  for (const char* number : {"1", "2", "3"})
    if (goldenHas(golden(), group + "/model_head." + number + ".weight"))
      parts.second = layer(number);
  parts.softplus = arguments.at("softplus").get<bool>();
  return std::make_shared<const Emb2Cell>(std::move(parts));
}

TrainingOptions optionsOf(const std::string& trace) {
  const auto arguments =
      nlohmann::json::parse(goldenAttribute(golden(), trace, "hyper_parameters_json"));
  const auto text = [&](const char* key) { return arguments.at(key).get<std::string>(); };
  TrainingOptions options;
  options.bottleneck = text("model_type") == "bottleneck";
  if (options.bottleneck) options.bottleneckSize = arguments.at("bottleneck_dim");
  options.relu = arguments.at("bottleneck_nonlin").is_string();
  options.dropout = arguments.at("dropout_prob");
  options.softplus = arguments.at("softplus");
  options.loss.loss =
      named<ExpressionLoss>(text("loss"), {{"pearson", ExpressionLoss::Pearson},
                                           {"poisson", ExpressionLoss::Poisson},
                                           {"poissonnll", ExpressionLoss::PoissonNll},
                                           {"mse", ExpressionLoss::MeanSquaredError}});
  options.loss.geneWeight = arguments.at("rel_weight_gene");
  options.loss.cellWeight = arguments.at("rel_weight_cell");
  options.loss.centring =
      text("pears_norm_mode") == "mean" ? Centring::Mean : Centring::NonzeroMedian;
  options.metrics = {arguments.at("target_is_log"), arguments.at("log_train"),
                     arguments.at("log_validate"), arguments.at("std_validate")};
  options.optimizer.kind =
      named<OptimizerKind>(text("optimizer"), {{"AdamW", OptimizerKind::AdamW},
                                               {"SGD", OptimizerKind::Sgd},
                                               {"RMSprop", OptimizerKind::RmsProp}});
  options.optimizer.learningRate = arguments.at("learning_rate");
  options.optimizer.weightDecay = arguments.at("weight_decay");
  options.schedule.schedule = named<Schedule>(
      text("lr_schedule"), {{"constant", Schedule::Constant},
                            {"linear_warm_up", Schedule::LinearWarmUp},
                            {"linear_warm_up_cosine_decay", Schedule::LinearWarmUpCosineDecay},
                            {"reduce_on_plateau", Schedule::ReduceOnPlateau}});
  options.schedule.warmUpEpochs = arguments.at("lr_warmup_epochs");
  options.schedule.epochs = arguments.at("lr_max_epochs");
  options.batchGenes = std::stoll(goldenAttribute(golden(), trace, "batch_size"));
  options.epochs = std::stoll(goldenAttribute(golden(), trace, "epochs"));
  options.patience = 0;
  options.initial = headOf(trace + "/weights_init", arguments);
  const auto order = wholeNumbers(trace + "/batch_order");
  const auto genes = std::ssize(order) / options.epochs;
  for (auto first = order.begin(); first != order.end(); first += genes)
    options.batchOrder.emplace_back(first, first + genes);
  return options;
}

Trace traceOf(const std::string& name) {
  return {name, dataOf(name), optionsOf(name)};
}

/// Weights after some steps.
std::shared_ptr<const Emb2Cell> trainedFor(const Trace& trace, std::int64_t steps) {
  TrainingControl control;
  TrainingCallbacks callbacks;
  callbacks.control = &control;
  callbacks.afterStep = [&](const StepReport& report) {
    if (report.step == steps) control.stopAndKeep();
  };
  return trainHead(trace.data, trace.options, callbacks).last;
}

void expectWeights(const Emb2Cell& actual, const Emb2Cell& expected, double tolerance) {
  const auto compare = [&](const Emb2Cell::Layer& a, const Emb2Cell::Layer& b) {
    EXPECT_TRUE(within(a.weight, b.weight, tolerance));
    EXPECT_TRUE(within(a.bias, b.bias, tolerance));
  };
  compare(actual.parts().first, expected.parts().first);
  ASSERT_EQ(actual.parts().second.has_value(), expected.parts().second.has_value());
  if (actual.parts().second) compare(*actual.parts().second, *expected.parts().second);
}

/// The reference's record is that after the step, with what a schedule by epochs has changed after
/// the last one of an epoch; the plateau's comes later.
std::vector<double> asRecorded(const std::vector<StepReport>& steps, Schedule schedule) {
  std::vector<double> rates;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool next = schedule != Schedule::ReduceOnPlateau && i + 1 < steps.size();
    rates.push_back(steps[next ? i + 1 : i].learningRate);
  }
  return rates;
}

class TrainingTrace : public ::testing::TestWithParam<std::string> {};
class TrainingGradient : public ::testing::TestWithParam<std::string> {};

double lossTolerance(const std::string& trace) {
  return trace.starts_with("C_") ? 1e-6 : 5e-6;
}

}  // namespace

TEST_P(TrainingTrace, GivesLossesMetricsAndPredictions) {
  CELLOCUS_NEEDS_SHARED(folder);
  const Trace trace = traceOf(GetParam());
  std::vector<StepReport> steps;
  TrainingCallbacks callbacks;
  callbacks.afterStep = [&](const StepReport& report) { steps.push_back(report); };
  const TrainingResult result = trainHead(trace.data, trace.options, callbacks);
  EXPECT_EQ(result.end, TrainingEnd::AllEpochs);

  std::vector<double> losses;
  for (const StepReport& step : steps) losses.push_back(step.loss);
  const double lossWithin = lossTolerance(trace.name);
  trace.expectSeries("loss_per_step", losses, lossWithin);
  auto rates = asRecorded(steps, trace.options.schedule.schedule);
  rates.back() = trace.values("lr_after_step").back();  // that of an epoch that does not come
  trace.expectSeries("lr_after_step", rates, 1e-12);

  std::map<std::string, std::vector<double>> series;
  for (const EpochReport& epoch : result.history) {
    series["train_loss"].push_back(epoch.lastLoss);
    series["val_loss"].push_back(epoch.validLoss);
    series["train_corr"].push_back(epoch.train.overall);
    series["train_corr_across_tss"].push_back(epoch.train.crossGene);
    series["train_corr_across_celltypes"].push_back(epoch.train.crossCell);
    series["valid_corr"].push_back(epoch.valid.overall);
    series["valid_corr_across_tss"].push_back(epoch.valid.crossGene);
    series["valid_corr_across_celltypes"].push_back(epoch.valid.crossCell);
  }
  const auto tolerance = [&](const std::string& what) {
    if (what.ends_with("loss")) return lossWithin;
    return trace.name.starts_with("D_") && what == "valid_corr_across_tss" ? 3e-4 : 1e-5;
  };
  for (const auto& [what, values] : series)
    trace.expectSeries("epoch_metrics/" + what, values, tolerance(what));
  const EpochReport& untrained = result.untrained;
  trace.expectSeries("sanity_check_metrics/val_loss", {untrained.validLoss}, lossWithin);
  trace.expectSeries("sanity_check_metrics/valid_corr", {untrained.valid.overall}, 1e-5);
  trace.expectSeries("sanity_check_metrics/valid_corr_across_tss", {untrained.valid.crossGene},
                     tolerance("valid_corr_across_tss"));
  trace.expectSeries("sanity_check_metrics/valid_corr_across_celltypes",
                     {untrained.valid.crossCell}, 1e-5);
  EXPECT_TRUE(within(result.last->predict(trace.data.embeddings),
                     goldenArray(golden(), trace.place("final_predictions")).matrix(), 2e-4));
}

TEST_P(TrainingTrace, GivesWeights) {
  CELLOCUS_NEEDS_SHARED(folder);
  const Trace trace = traceOf(GetParam());
  const auto arguments =
      nlohmann::json::parse(goldenAttribute(golden(), trace.name, "hyper_parameters_json"));
  const double tolerance = trace.options.optimizer.kind == OptimizerKind::AdamW ? 1e-4 : 1e-6;
  int compared = 0;
  for (const std::string& group : goldenChildren(golden(), trace.name)) {
    if (!group.starts_with("weights_step") || group.ends_with("_f32ref")) continue;
    SCOPED_TRACE(trace.place(group));
    const auto head = trainedFor(trace, std::stoll(group.substr(12)));
    expectWeights(*head, *headOf(trace.place(group), arguments), tolerance);
    ++compared;
  }
  EXPECT_GE(compared, 2);
}

/// SGD with a huge rate and no decay shows the gradient.
TEST_P(TrainingGradient, IsThatOfTheFirstBatch) {
  CELLOCUS_NEEDS_SHARED(folder);
  Trace trace = traceOf(GetParam());
  const std::string group = trace.place("first_batch_gradient");
  constexpr float rate = 1024;
  trace.options.optimizer = {OptimizerKind::Sgd, rate, 0};
  trace.options.schedule.schedule = Schedule::Constant;
  const auto arguments =
      nlohmann::json::parse(goldenAttribute(golden(), trace.name, "hyper_parameters_json"));
  const auto expected = headOf(group, arguments), moved = trainedFor(trace, 1);
  const auto compare = [&](const auto& before, const auto& after, const auto& gradient) {
    const auto largest = static_cast<double>(gradient.cwiseAbs().maxCoeff());
    EXPECT_GT(largest, 0);
    EXPECT_TRUE(within((before - after) / rate, gradient, 1e-4 * largest));
  };
  const auto compareLayer = [&](const Emb2Cell::Layer& a, const Emb2Cell::Layer& b,
                                const Emb2Cell::Layer& gradient) {
    compare(a.weight, b.weight, gradient.weight);
    compare(a.bias, b.bias, gradient.bias);
  };
  const Emb2Cell::Parts& start = trace.options.initial->parts();
  compareLayer(start.first, moved->parts().first, expected->parts().first);
  if (start.second) compareLayer(*start.second, *moved->parts().second, *expected->parts().second);
}

INSTANTIATE_TEST_SUITE_P(Seq2cells, TrainingTrace,
                         ::testing::Values("A_pearson_adamw_plateau", "B_poissonnll_sgd_linear",
                                           "C_mse_rmsprop_cosine", "D_poisson_adamw_warmup",
                                           "E_pearson_median", "F_pearson_plateau_reductions"),
                         [](const auto& trace) { return trace.param; });
INSTANTIATE_TEST_SUITE_P(Seq2cells, TrainingGradient,
                         ::testing::Values("A_pearson_adamw_plateau", "B_poissonnll_sgd_linear",
                                           "D_poisson_adamw_warmup", "E_pearson_median"),
                         [](const auto& trace) { return trace.param; });
