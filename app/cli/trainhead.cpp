// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/evaluation.h"
#include "analysis/fitdata.h"
#include "analysis/headtraining.h"
#include "analysis/trainingstate.h"
#include "arguments.h"
#include "base/file.h"
#include "base/text.h"
#include "choice.h"
#include "command.h"
#include "export/tables.h"
#include "scale.h"
#include "trainsplit.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

enum class Model { Bottleneck, Linear };
enum class Answer { No, Yes };

const Choices<Model> models = {{"bottleneck", Model::Bottleneck}, {"linear", Model::Linear}};
const Choices<Answer> answers = {{"no", Answer::No}, {"yes", Answer::Yes}};
const Choices<ExpressionLoss> losses = {{"pearson", ExpressionLoss::Pearson},
                                        {"poissonnll", ExpressionLoss::PoissonNll},
                                        {"poisson", ExpressionLoss::Poisson},
                                        {"mse", ExpressionLoss::MeanSquaredError}};
const Choices<Centring> centrings = {{"mean", Centring::Mean},
                                     {"nonzero_median", Centring::NonzeroMedian}};
const Choices<OptimizerKind> optimizers = {{"adamw", OptimizerKind::AdamW},
                                           {"sgd", OptimizerKind::Sgd},
                                           {"rmsprop", OptimizerKind::RmsProp}};
const Choices<Schedule> schedules = {
    {"constant", Schedule::Constant},
    {"linear_warm_up", Schedule::LinearWarmUp},
    {"linear_warm_up_cosine_decay", Schedule::LinearWarmUpCosineDecay},
    {"reduce_on_plateau", Schedule::ReduceOnPlateau}};

struct Options {
  fs::path embeddings, cells, windows, aliases, initial, batchOrder, output;
  std::string layer, split;
  Scale scale;
  Model model = Model::Bottleneck;
  Answer relu = Answer::Yes, softplus = Answer::Yes;
  Answer targetIsLog = Answer::Yes, logTrain = Answer::Yes, logValidate = Answer::Yes,
         stdValidate = Answer::No;
  TrainingOptions training;
};

/// One line an epoch with positions among the train genes.
std::vector<std::vector<std::int64_t>> readBatchOrder(const fs::path& path) {
  constexpr std::size_t limit = std::size_t{1} << 30;
  const std::string text = InputFile::open(path)->readAll(limit);
  std::vector<std::vector<std::int64_t>> epochs;
  for (const std::string_view line : split(text, '\n')) {
    if (trimmed(line).empty()) continue;
    std::string spaced(trimmed(line));
    std::ranges::replace(spaced, '\t', ' ');
    auto& epoch = epochs.emplace_back();
    for (const std::string_view word : split(spaced, ' ')) {
      const auto number = parseInteger(word);
      if (!number)
        throw Error("BATCH_ORDER", shownPath(path),
                    "line " + std::to_string(epochs.size()) + " holds '" + printable(word) +
                        "', which is no whole number.",
                    "Write one line an epoch: positions among the train genes, from 0.");
      epoch.push_back(*number);
    }
  }
  return epochs;
}

TrainingOptions trainingOf(const Options& options, const Progress& progress) {
  TrainingOptions training = options.training;
  training.bottleneck = options.model == Model::Bottleneck;
  training.relu = options.relu == Answer::Yes;
  training.softplus = options.softplus == Answer::Yes;
  training.metrics = {options.targetIsLog == Answer::Yes, options.logTrain == Answer::Yes,
                      options.logValidate == Answer::Yes, options.stdValidate == Answer::Yes};
  training.schedule.epochs = training.epochs;
  training.folder = besideOutput(options.output, "training");
  if (!options.initial.empty()) training.initial = Emb2Cell::open(options.initial, progress);
  if (!options.batchOrder.empty()) training.batchOrder = readBatchOrder(options.batchOrder);
  return training;
}

FitData gather(const Options& options, Console& console) {
  const Progress progress = console.progress();
  FitRequest request;
  auto embeddings =
      std::make_shared<EmbeddingFile>(readEmbeddings(options.embeddings, progress.part(0, 0.02)));
  if (!options.windows.empty()) {
    request.windows = readQueryWindows(options.windows);
    if (const auto remark = nameByWindows(*embeddings, request.windows); !remark.empty())
      console.note(remark);
  }
  const auto cells = CellDataset::open(options.cells, progress.part(0.02, 0.04));
  for (const std::string& remark : cells->remarks()) console.note(remark);
  const auto aliases =
      options.aliases.empty() ? GeneAliases() : GeneAliases::read(options.aliases, progress);
  const auto join =
      std::make_shared<const GeneJoin>(joinGenes(*embeddings, cells->genes(), aliases));
  console.note(join->summary());
  const SplitPlan plan = splitPlanOf(options.split, *cells);
  request.embeddings = embeddings;
  request.cells = cells;
  request.join = join;
  request.expression = {options.layer,
                        options.scale.value_or(usualTransform(*cells, options.layer))};
  request.split = plan.choice;
  request.seed = options.training.seed;
  FitData data = gatherFitData(request, progress.part(0.04, 0.1));
  if (!plan.lists.empty()) {
    data.training.sets = setsFromFiles(plan.lists, data.genes);
    for (std::size_t i = 0; i < data.genes.size(); ++i) data.genes[i].set = data.training.sets[i];
  }
  return data;
}

std::string splitText(const TrainingData& data) {
  std::string text;
  for (const SplitSet set : {SplitSet::Train, SplitSet::Valid, SplitSet::Test})
    text += (text.empty() ? "" : ", ") + withThousands(std::ranges::count(data.sets, set)) + " " +
            std::string(splitSetName(set));
  return "Genes: " + text + ".";
}

std::string epochText(const EpochReport& report) {
  return "epoch " + std::to_string(report.epoch) + ": loss " + readable(report.meanLoss, 4) +
         ", validation r cross-gene " + readable(report.valid.crossGene) + ", cross-cell " +
         readable(report.valid.crossCell) + (report.best ? " (best so far)" : "");
}

Table historyTable(const TrainingResult& result) {
  Table table;
  const std::string r = "Pearson's r, undefined counted as 0; ";
  const std::string running = r + "of the epoch's steps, with dropout";
  table.columns = {{"epoch", "", ""},
                   {"train_loss", "", "mean over the epoch's batches"},
                   {"last_batch_loss", "", "of the epoch's last batch (train_loss of seq2cells)"},
                   {"valid_loss", "", "of all validation genes together"},
                   {"train_cross_gene", "", running + ", mean over cells"},
                   {"train_cross_cell", "", running + ", mean over genes"},
                   {"valid_cross_gene", "", r + "mean over cells"},
                   {"valid_cross_cell", "", r + "mean over genes"},
                   {"learning_rate", "", ""},
                   {"seconds", "s", ""},
                   {"best", "", "cross-cell r of validation above all before"}};
  for (const EpochReport& e : result.history)
    table.rows.push_back({e.epoch, e.meanLoss, e.lastLoss, e.validLoss, e.train.crossGene,
                          e.train.crossCell, e.valid.crossGene, e.valid.crossCell, e.learningRate,
                          e.seconds, std::string(e.best ? "yes" : "no")});
  return table;
}

/// What the head that is kept reaches, each set for itself.
void printEvaluation(const Emb2Cell& head, const FitData& data, Console& console) {
  const EvaluationInput input =
      evaluationInput(data, [&](MatrixView embeddings) { return head.predict(embeddings); });
  const Evaluation evaluation = evaluate(input, console.progress().part(0.98, 1));
  for (const EvaluationSummary& summary : evaluation.summaries)
    if (summary.selection == GeneSelection::All)
      console.print(std::string(summary.set ? splitSetName(*summary.set) : "all") + ", " +
                    withThousands(summary.genes) + " genes: cross-gene r " +
                    readable(summary.crossGene.skipping, 4) + ", cross-cell r " +
                    readable(summary.crossCell.skipping, 4) + " (undefined skipped)\n");
}

Provenance provenanceOf(const Options& options, const Emb2Cell& head, Console& console) {
  Provenance provenance = console.provenance();
  provenance.add("embeddings", options.embeddings, console.progress());
  provenance.add("cells", options.cells, console.progress());
  if (!options.windows.empty()) provenance.add("windows", options.windows, console.progress());
  if (!options.initial.empty()) provenance.add("initial head", options.initial, console.progress());
  provenance.model = "emb2cell: " + head.description();
  return provenance;
}

TrainingResult train(const FitData& data, const TrainingOptions& training, Console& console) {
  TrainingCallbacks callbacks;
  callbacks.afterEpoch = [&](const EpochReport& report) { console.note(epochText(report)); };
  try {
    return trainHead(data.training, training, callbacks, console.progress().part(0.1, 0.98));
  } catch (const Cancelled&) {
    if (fs::exists(stateFile(training.folder)))
      console.note("The finished epochs are kept in " + shownPath(training.folder) +
                   "; the same command goes on there.");
    throw;
  }
}

void run(const Options& options, Console& console) {
  requireEnding(options.output, {".safetensors", ".ckpt"});
  const TrainingOptions training = trainingOf(options, console.progress());
  const FitData data = gather(options, console);
  console.note(splitText(data.training));
  const bool began = fs::exists(stateFile(training.folder));
  if (began) console.note("Going on with the training in " + shownPath(training.folder) + ".");
  const TrainingResult result = train(data, training, console);
  const Provenance provenance = provenanceOf(options, *result.best, console);
  result.best->saveAs(options.output);
  saveTable(besideOutput(options.output, "training.tsv"), historyTable(result), provenance);
  fs::remove(stateFile(training.folder));
  console.print(
      "Trained until " + endText(result.end, training) + "; kept the head of epoch " +
      std::to_string(result.bestEpoch > 0 ? result.bestEpoch : std::ssize(result.history)) + ".\n");
  printEvaluation(*result.best, data, console);
}

void addData(CLI::App& app, Options& options) {
  app.add_option("--embeddings", options.embeddings,
                 "Embeddings of genes: what `embed` writes, or seq2cells (.h5, .h5ad)")
      ->option_text("FILE")
      ->required();
  app.add_option("--cells", options.cells, "Expression to learn (.h5ad, 10x .h5)")
      ->option_text("FILE")
      ->required();
  app.add_option("--layer", options.layer, "Layer of the expression (default: X)")
      ->option_text("NAME");
  addChoice(
      app, "--scale", options.scale, scales,
      "Expression as stored or as log1p of counts per 10,000; auto: counts become logarithms");
  app.add_option("--windows", options.windows,
                 "Query file of the embeddings, where they hold no names (pandas' layout)")
      ->option_text("FILE");
  app.add_option("--aliases", options.aliases, "Other names of genes, as for `evaluate`")
      ->option_text("FILE");
  app.add_option("--split", options.split,
                 "Train, valid and test genes: a column of the gene table, lists "
                 "a_valid.txt,a_test.txt, a table with columns group_id and set, regions (.bed, "
                 "with --windows), or random (default: column enf_set, set or split, else random)")
      ->option_text("COLUMN|FILES");
}

void addHead(CLI::App& app, Options& options) {
  TrainingOptions& training = options.training;
  addChoice(app, "--model", options.model, models, "Two layers, or one");
  app.add_option("--bottleneck", training.bottleneckSize, "Units between the two layers")
      ->option_text("N")
      ->capture_default_str();
  addChoice(app, "--relu", options.relu, answers, "ReLU after the bottleneck");
  app.add_option("--dropout", training.dropout, "Share of the bottleneck left out in each step")
      ->option_text("P")
      ->capture_default_str();
  addChoice(app, "--softplus", options.softplus, answers, "Softplus at the end");
  app.add_option("--initial", options.initial, "Head to begin with (.safetensors, .ckpt)")
      ->option_text("HEAD");
}

void addLoss(CLI::App& app, Options& options) {
  TrainingOptions& training = options.training;
  addChoice(app, "--loss", training.loss.loss, losses, "What is made small");
  app.add_option("--gene-weight", training.loss.geneWeight, "Of r across genes in --loss pearson")
      ->option_text("W")
      ->capture_default_str();
  app.add_option("--cell-weight", training.loss.cellWeight, "Of r across cells in --loss pearson")
      ->option_text("W")
      ->capture_default_str();
  addChoice(app, "--centring", training.loss.centring, centrings,
            "From what vectors are taken in --loss pearson");
  addChoice(app, "--target-is-log", options.targetIsLog, answers,
            "seq2cells: the expression is logarithms");
  addChoice(app, "--log-train", options.logTrain, answers, "seq2cells: train on logarithms");
  addChoice(app, "--log-validate", options.logValidate, answers,
            "seq2cells: validate on logarithms");
  addChoice(app, "--std-validate", options.stdValidate, answers,
            "seq2cells: standardise cells before correlating");
}

void addCourse(CLI::App& app, Options& options) {
  TrainingOptions& training = options.training;
  const auto number = [&](const char* name, auto& value, const char* what, const char* purpose) {
    app.add_option(name, value, purpose)->option_text(what)->capture_default_str();
  };
  addChoice(app, "--optimizer", training.optimizer.kind, optimizers, "How weights are changed");
  number("--learning-rate", training.optimizer.learningRate, "RATE", "Of the optimizer");
  number("--weight-decay", training.optimizer.weightDecay, "DECAY", "Of the optimizer");
  addChoice(app, "--schedule", training.schedule.schedule, schedules,
            "How the learning rate changes from epoch to epoch");
  number("--warm-up", training.schedule.warmUpEpochs, "N", "Epochs of warm-up, if it has one");
  number("--epochs", training.epochs, "N", "At most so many epochs");
  number("--patience", training.patience, "N",
         "Epochs without improvement of the cross-cell r of validation before the end; 0: none");
  number("--min-delta", training.minimalImprovement, "R", "What counts as improvement");
  number("--batch-genes", training.batchGenes, "N", "Genes of a batch");
  number("--seed", training.seed, "N", "Of initial weights, batches, dropout and random split");
  number("--checkpoints", training.checkpoints, "N", "Best heads kept in OUTPUT.training/");
  app.add_option("--batch-order", options.batchOrder,
                 "One line an epoch: positions among the train genes, from 0")
      ->option_text("FILE");
}

}  // namespace

Action declareTrainHead(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  addData(app, *options);
  addHead(app, *options);
  addLoss(app, *options);
  addCourse(app, *options);
  app.add_option("-o", options->output,
                 "Output: .safetensors, or .ckpt as seq2cells reads it; beside it .training.tsv "
                 "with the course of the training")
      ->option_text("FILE")
      ->required();
  app.footer(
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli embed --enformer demo/trunk --genome demo/genome.fa --windows "
      "demo/windows.tsv "
      "-o emb.h5\n"
      "  cellocus-cli train-head --embeddings emb.h5 --cells demo/cells.h5ad --bottleneck 32 "
      "--epochs 3 -o head.safetensors");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
